import { RtError } from '@rt/driver-api'
import type { Output } from '@rt/native'
import type { LogOptions, PullPolicy, RestartPolicy, RunRequest, WantedNetwork } from '../request.ts'
import type { DriverChoice } from '../runtime/start-input.ts'
import type { LimitFlags, SpecFlags } from '../spec/index.ts'
import type { Tell } from '../tell.ts'

/** Limits of a container; what is left out is not limited. */
export interface Limits {
  /** Bytes, or text with a unit: `64m`. */
  readonly memory?: number | string
  /** Memory and swap together, as `memory`; -1: all the swap there is. */
  readonly memorySwap?: number | string
  /** Processors, 0.5 is half of one. */
  readonly cpus?: number
  /** Processes and threads. */
  readonly pids?: number
  /** The others by the names of the command line's flags: `{ 'cpuset-cpus': '0-1' }`. */
  readonly more?: LimitFlags
}

/** A container as an embedder asks for it. What is left out is as the command line's `rt run -d` has it. */
export interface RunOptions extends DriverChoice {
  readonly image: string
  /** In place of the image's. */
  readonly command?: readonly string[]
  readonly entrypoint?: string
  readonly name?: string
  readonly hostname?: string
  /** A network or a driver of one, by name; several; or with addresses and aliases. The configured driver where left out. */
  readonly network?: string | WantedNetwork | readonly (string | WantedNetwork)[]
  /** Ports of the host that lead to it, as `-p` takes them: `8080:80`, `127.0.0.1::80`, `53:53/udp`. */
  readonly publish?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly user?: string
  readonly workdir?: string
  /** `HOST:CONTAINER[:ro]` */
  readonly volumes?: readonly string[]
  /** `DIR[:OPTIONS]` */
  readonly tmpfs?: readonly string[]
  readonly readOnly?: boolean
  readonly capAdd?: readonly string[]
  readonly capDrop?: readonly string[]
  readonly noNewPrivileges?: boolean
  readonly limits?: Limits
  readonly labels?: Readonly<Record<string, string>>
  readonly init?: boolean
  readonly pull?: PullPolicy
  readonly platform?: string
  readonly log?: LogOptions
  readonly stopSignal?: string
  /** Seconds. */
  readonly stopTimeout?: number
  /** `pipe`: `container.stdin` can be written to. `ignore` (the default): its input is empty. */
  readonly stdin?: 'pipe' | 'ignore'
  /** `pipe` (the default): to be read from `container.stdout`. `ignore`: it goes to the log alone. */
  readonly stdout?: Output
  readonly stderr?: Output
  /** A terminal: what it writes to it comes through `stdout`. See `resize`. */
  readonly tty?: boolean
  /**
   * It goes on without this process: no streams, no owner, removed by whoever wants to. Otherwise it belongs to this process and ends with
   * it, however that ends.
   */
  readonly detach?: boolean
  /** Only of one that is detached. */
  readonly restart?: RestartPolicy
  /** Everything else that a container can be given, in the command line's words. */
  readonly spec?: SpecFlags
  /** Aborted before the container runs: nothing of it is left, and `run` rejects with its reason. Later: the container is killed. */
  readonly signal?: AbortSignal
  /** Is given a sentence about what had to be made or fetched first, or what the host cannot do. */
  readonly tell?: Tell
}

const list = <T>(value: T | readonly T[] | undefined): readonly T[] | undefined =>
  value === undefined ? undefined : Array.isArray(value) ? (value as readonly T[]) : [value as T]

const limitFlags = ({ memory, memorySwap, cpus, pids, more }: Limits): LimitFlags => ({
  ...(memory !== undefined && { memory: String(memory) }),
  ...(memorySwap !== undefined && { 'memory-swap': String(memorySwap) }),
  ...(cpus !== undefined && { cpus: String(cpus) }),
  ...(pids !== undefined && { 'pids-limit': String(pids) }),
  ...more,
})

/** Those that have a value. */
const given = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }

/** As the command line asks for a container. @throws RtError RT_USAGE */
export const requestOf = (options: RunOptions): RunRequest => {
  const { detach = false, restart } = options
  if (restart !== undefined && restart.name !== 'no' && !detach)
    throw new RtError('RT_USAGE', 'A container that belongs to a process is not restarted', {
      remedy: 'Use `detach: true` with `restart`.',
    })
  const networks = list<string | WantedNetwork>(options.network)?.map((network) =>
    typeof network === 'string' ? { name: network } : network,
  )
  const { env, limits, labels, publish, spec = {} } = options
  return {
    image: options.image,
    ...given({
      pull: options.pull,
      platform: options.platform,
      name: options.name,
      hostname: options.hostname,
      networks,
      publish,
      log: options.log,
      stopSignal: options.stopSignal,
      stopTimeout: options.stopTimeout,
      init: options.init,
      labels,
      restart,
    }),
    dns: [],
    addHosts: [],
    // Who owns it removes it: its log and how it ended are there until then.
    autoRemove: false,
    detach,
    stdin: options.stdin === 'pipe' ? 'inherit' : 'null',
    spec: {
      ...spec,
      ...given({
        command: options.command,
        entrypoint: options.entrypoint,
        user: options.user,
        workdir: options.workdir,
        volumes: options.volumes,
        tmpfs: options.tmpfs,
        capAdd: options.capAdd,
        capDrop: options.capDrop,
        readOnly: options.readOnly,
        noNewPrivileges: options.noNewPrivileges,
        tty: options.tty,
        env: env && Object.entries(env).map(([name, value]) => `${name}=${value}`),
        limits: limits && limitFlags(limits),
      }),
    },
  }
}
