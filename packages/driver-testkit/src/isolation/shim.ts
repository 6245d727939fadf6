import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import type { Readable } from 'node:stream'
import type { ContainerIdentity } from '@rt/driver-api'
import { compilePlan, StartFailure, shimPath, spawnBackground, spawnClient } from '@rt/native'
import { ensure } from '../check.ts'
import type { IsolationBench } from './bench.ts'
import { kill } from './processes.ts'

/** What a program is while it waits for its input. */
export interface Running {
  readonly container: ContainerIdentity
  /** The container's first process, as the host sees it. */
  readonly pid: number
  /** Of its control groups. */
  readonly cgroups: readonly string[]
  /** Gives it a line of input. */
  say(line: string): void
  /** What it has put out so far. */
  said(): string
}

export interface RunByShim {
  /** undefined: it was killed by a signal. */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

const PLACE = '/run/check/shim'

/**
 * Runs a program as `rt run` does: its plan is compiled, the shim executes it, stands behind it, and cleans up. The program has a line of input
 * when `look` has seen it.
 *
 * @throws Error where it does not start
 */
export const runByShim = async (
  bench: IsolationBench,
  args: readonly [string, ...string[]],
  look: (running: Running) => void | Promise<void> = () => {},
): Promise<RunByShim> => {
  mkdirSync(PLACE, { recursive: true })
  const container = bench.identity()
  const cgroups = await bench.cgroups(container.id)
  const plan = await bench.launch(args, { container })
  const leave = [...plan.leave, ...cgroups.leave]
  const lockFd = openSync(`${PLACE}/lock`, 'w')
  try {
    bench.perform(cgroups.enter)
    const monitor = spawnBackground(cgroups.directories, { tty: false, stdin: true, newNetwork: false })
    try {
      bench.perform(plan.enter)
    } catch (error) {
      monitor.cancel()
      throw error
    }
    const compiled = compilePlan({
      monitor: {
        statusFile: `${PLACE}/status`,
        exitFile: `${PLACE}/exit`,
        stdin: 'inherit',
        background: { door: `${PLACE}/door`, spoolDirectory: PLACE },
        onFailure: [],
        onLeave: [shimPath(), 'later'],
      },
      cgroups: cgroups.directories,
      newNamespaces: ['pid', 'mount', 'uts', 'ipc'],
      sandbox: plan.sandbox,
      leave,
    })
    const shim = spawnClient(compiled, { monitor, lockFd, stdin: true, stdout: 'pipe', stderr: 'pipe' })
    const [out, err] = [new Said(shim.stdout), new Said(shim.stderr)]
    try {
      await shim.started.catch((error: unknown) => {
        throw error instanceof StartFailure ? namedFailure(error, plan.sandbox) : error
      })
      const [word = ''] = readFileSync(`${PLACE}/status`, 'utf8').split(' ')
      const pid = Number(word)
      try {
        const say = (line: string) => void shim.stdin?.write(`${line}\n`)
        await look({ container, pid, cgroups: cgroups.directories, say, said: () => out.text })
      } catch (error) {
        // Whatever was done to it must not keep it from its end.
        kill(pid)
        throw error
      }
    } finally {
      shim.stdin?.end('go\n')
      await Promise.all([out.end, err.end])
    }
    // The client has ended, so the monitor has told how the program did.
    const [code, signal] = readFileSync(`${PLACE}/exit`, 'utf8').split(' ')
    return { code: signal === '0' ? Number(code) : undefined, stdout: out.text, stderr: err.text }
  } finally {
    bench.leave(leave, 'after the program')
    closeSync(lockFd)
    rmSync(PLACE, { recursive: true })
  }
}

export const namedFailure = ({ step, message }: StartFailure, sandbox: readonly { readonly op: string }[]): Error =>
  new Error(`the shim cannot execute ${sandbox[Number(step)]?.op ?? 'the plan'}: ${message}`)

/** What has come of a stream. */
export class Said {
  text = ''
  readonly end: Promise<void>

  constructor(stream: Readable | null) {
    this.end = this.#collect(stream)
  }

  async #collect(stream: Readable | null): Promise<void> {
    if (stream) for await (const chunk of stream.setEncoding('utf8')) this.text += chunk
  }
}

/** The lines `NAME: VALUE` of /proc/self/status. */
export const statusOf = async (bench: IsolationBench): Promise<ReadonlyMap<string, string>> =>
  statusIn(await runByShim(bench, CAT_STATUS))

export const CAT_STATUS = ['cat', '/proc/self/status'] as const

export const statusIn = ({ code, stdout, stderr }: RunByShim): ReadonlyMap<string, string> => {
  ensure(code === 0, `cat /proc/self/status ended with ${code}: ${stderr.trim()}`)
  return new Map(stdout.split('\n').map((line) => line.split(':\t', 2) as [string, string]))
}
