import type { CallerEnv, SpecFlags } from './spec/index.ts'

/** `--restart`, as in Docker. `max`: at most this many times, for `on-failure` only; undefined: without end. */
export interface RestartPolicy {
  readonly name: 'no' | 'on-failure' | 'always' | 'unless-stopped'
  readonly max?: number
}

/** `--log-driver` and `--log-opt`; sizes in bytes. */
export type LogOptions =
  | { readonly driver: 'none' }
  | { readonly driver: 'json-file'; readonly maxSize?: number; readonly maxFile?: number }

/** One `--network`, with what belongs to it. Addresses without prefix length. */
export interface WantedNetwork {
  /** Of a network, or of a driver that has one of its own; empty: the one that is configured. */
  readonly name: string
  readonly aliases?: readonly string[]
  readonly ip?: string
  readonly ip6?: string
  readonly mac?: string
}

/** The word before the colon of such a name that stands for another container's network, and what stands for the driver in records. */
export const CONTAINER_MODE = 'container'

/** When an image is asked of its registry. */
export type PullPolicy = 'always' | 'missing' | 'never'

/** One container as the user asked for it. */
export interface RunRequest {
  readonly image: string
  /** `--pull`: `missing` by default. */
  readonly pull?: PullPolicy
  /** `--platform`: of the image, where it has several. */
  readonly platform?: string
  readonly name?: string
  readonly hostname?: string
  /** In order; the first is its way out. undefined: the one that is configured. */
  readonly networks?: readonly WantedNetwork[]
  /** `-p` as given */
  readonly publish?: readonly string[]
  /** A port of the host for each that the image or `expose` names (`-P`). */
  readonly publishAll?: boolean
  /** `--expose` as given */
  readonly expose?: readonly string[]
  /** `--dns`, in order */
  readonly dns: readonly string[]
  /** `--dns-search`, in order; `.` alone: none at all. */
  readonly dnsSearch?: readonly string[]
  /** `--dns-option`, in order */
  readonly dnsOptions?: readonly string[]
  /** `--add-host NAME:ADDRESS`; the address may be `host-gateway` */
  readonly addHosts: readonly string[]
  /** It gets an /etc/hosts that nobody else has, and may write to it (`--own-hosts`). */
  readonly ownHosts?: boolean
  readonly autoRemove: boolean
  readonly detach: boolean
  /** `inherit`: the caller's own descriptor; `null`: end of file at once */
  readonly stdin: 'inherit' | 'null'
  readonly restart?: RestartPolicy
  readonly log?: LogOptions
  /** Name or number as given (`--stop-signal`); undefined: the image's, else SIGTERM. */
  readonly stopSignal?: string
  /** Seconds between the stop signal and SIGKILL (`--stop-timeout`); undefined: 10. */
  readonly stopTimeout?: number
  /** A PID 1 of rt's own that reaps and forwards signals (`--init`). */
  readonly init?: boolean
  /** Whether lxcfs shows the container its limits (`--lxcfs`); undefined: as configured. */
  readonly lxcfs?: 'auto' | 'on' | 'off'
  readonly labels?: Readonly<Record<string, string>>
  /** Bytes that its files may take besides the image's (`--storage-opt size=`); with storage `copy` the image's count, too. */
  readonly storageSize?: number
  readonly spec: SpecFlags
}

/** With the values that `-e NAME` takes from the caller now, and the networks of now: a later start has another caller. */
export const settled = (asked: RunRequest, networks: readonly WantedNetwork[], caller: CallerEnv): RunRequest => {
  const request = { ...asked, networks }
  const settle = (entry: string): string =>
    entry.includes('=') || caller[entry] === undefined ? entry : `${entry}=${caller[entry]}`
  const { env } = request.spec
  return env ? { ...request, spec: { ...request.spec, env: env.map(settle) } } : request
}
