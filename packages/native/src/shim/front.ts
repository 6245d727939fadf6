import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { setCloseOnExec } from '../sys/lock.ts'
import { shimPath } from '../sys/shim-path.ts'
import { clientWords } from './client.ts'
import { memfd } from './memfd.ts'
import { OwnerSocket, StartFailure } from './owner.ts'
import { sendFds, sendHeld, sendPlan } from './send-plan.ts'
import { type BackgroundStageOptions, backgroundKinds, type Stage, stageBehind, stageSockets } from './stage.ts'

export { StartFailure }

/** Of one stream of a program's: the caller reads it, or nobody does. */
export type Output = 'pipe' | 'ignore'

/**
 * The shim in front of a container or a program, as a child of a process that goes on being Node: what the command line becomes. Its pipes
 * are those of `node:child_process`, which also waits for it.
 */
export interface ShimFront {
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  /** Resolves with the pid of the program once it is executed, rejects with a StartFailure where it is not. */
  readonly started: Promise<number>
  /** Lets go of the streams. */
  close(): void
}

export interface FrontOptions {
  readonly stdin: boolean
  readonly stdout: Output
  readonly stderr: Output
}

/** What is passed on to the shim of the environment: it starts programs of the system's, and everything else is the caller's own business. */
const env = (): NodeJS.ProcessEnv => (process.env.PATH === undefined ? {} : { PATH: process.env.PATH })

/** `detached`: in a session of its own, because a ctrl-c at the caller's terminal is the caller's to pass on. Some see to that themselves. */
const spawnShim = (
  words: readonly string[],
  stdio: readonly (Output | number)[],
  { detached }: { readonly detached: boolean },
): ChildProcess => {
  // Loaded here, because the command line has no use for it.
  const { spawn } = process.getBuiltinModule('node:child_process')
  const child = spawn(shimPath(), words, { argv0: 'rt-shim', env: env(), cwd: '/', detached, stdio: [...stdio] })
  let failure: Error | undefined
  // A failure comes as an event later on, but is there already.
  child.on('error', (error) => {
    failure = error
  })
  if (child.pid === undefined) throw failure ?? new Error(`${shimPath()} cannot be started`)
  return child
}

const piped = (wanted: boolean): Output => (wanted ? 'pipe' : 'ignore')

/** As `startBackground`, by a process that goes on. Errors: what the system says. */
export const spawnBackground = (cgroups: readonly string[], options: BackgroundStageOptions): Stage =>
  spawnStage(['background', '3', backgroundKinds(options), ...cgroups], ['ignore', 'ignore', 'ignore']).stage

const spawnStage = (
  words: readonly string[],
  stdio: readonly Output[],
): { readonly stage: Stage; readonly child: ChildProcess } => {
  const [ours, theirs] = stageSockets()
  try {
    const child = spawnShim(words, [...stdio, theirs], { detached: false })
    // It outlives whoever started it, or ends with the container; nobody waits for it here.
    child.unref()
    return { stage: stageBehind(ours), child }
  } catch (error) {
    closeSync(ours)
    throw error
  } finally {
    closeSync(theirs)
  }
}

export interface SpawnClientOptions extends FrontOptions {
  /** Of `spawnBackground`; closed here. */
  readonly monitor: Stage
  readonly netnsFd?: number
  /** See BecomeClientOptions; it stays the caller's, too. */
  readonly lockFd: number
  readonly heldFds?: readonly number[]
}

/**
 * As `becomeClient`, by a process that goes on: the end of this process, whatever its reason, is the end of the container, unless its plan
 * detaches it. Descriptors remain the caller's, but for the monitor's. Errors: what the system says, with nothing started.
 */
export const spawnClient = (plan: Uint8Array, options: SpawnClientOptions): ShimFront => {
  const { monitor, netnsFd, lockFd, heldFds = [], stdin, stdout, stderr } = options
  const planFd = closedMemfd(plan)
  try {
    const wants = clientWords({
      stdin,
      stdout: stdout === 'pipe',
      stderr: stderr === 'pipe',
      sigProxy: false,
      detachKeys: new Uint8Array(),
    })
    const child = spawnShim(
      ['client', '4', '5', '6', ...wants, '3'],
      [piped(stdin), stdout, stderr, 'pipe', planFd, monitor.socket, lockFd],
      { detached: true },
    )
    sendHeld(monitor.socket, heldFds)
    sendFds(monitor.socket, [lockFd])
    sendPlan(monitor.socket, planFd, netnsFd)
    monitor.cancel()
    return frontOf(child, child, new OwnerSocket(child))
  } finally {
    closeSync(planFd)
  }
}

/** One further program of a container: how it ended, as wait(2) tells it. */
export interface ProgramFront extends ShimFront {
  /** The pid is the shim's that stands by: what it gets it passes on. */
  signal(number: NodeJS.Signals | number): void
  /** Rejects where nobody knows, because the process that waits for it was killed. */
  readonly ended: Promise<{ readonly exitCode: number; readonly signal: number }>
}

/** As `startEntering`: its descriptors are the program's, but where that has a terminal. */
export const spawnEntering = (
  cgroups: readonly string[],
  { tty, ...streams }: FrontOptions & { readonly tty: boolean },
): { readonly stage: Stage; readonly child: ChildProcess } =>
  spawnStage(['enter', '3', ...cgroups], tty ? ['ignore', 'ignore', 'ignore'] : stdioOf(streams))

const stdioOf = ({ stdin, stdout, stderr }: FrontOptions): Output[] => [piped(stdin), stdout, stderr]

/**
 * As `becomeExecShim`, by a process that goes on.
 *
 * @param pidfd of the container's first process; it remains the caller's
 */
export const spawnExec = (
  plan: Uint8Array,
  keeper: ReturnType<typeof spawnEntering>,
  pidfd: number,
  { tty, ...streams }: FrontOptions & { readonly tty: boolean },
): ProgramFront => {
  const { stage, child: holder } = keeper
  const planFd = closedMemfd(plan)
  try {
    const stdio = tty ? stdioOf(streams) : (['ignore', 'ignore', 'ignore'] as const)
    // First the plan: the other one says that it is there.
    sendPlan(stage.socket, planFd, pidfd)
    const child = spawnShim(['exec', '4', '5', '3'], [...stdio, 'pipe', planFd, stage.socket], { detached: true })
    stage.cancel()
    const owner = new OwnerSocket(child)
    return {
      ...frontOf(tty ? child : holder, child, owner),
      signal: (number) => void child.kill(number),
      ended: owner.ended,
    }
  } finally {
    closeSync(planFd)
  }
}

const frontOf = (streams: ChildProcess, child: ChildProcess, { started }: OwnerSocket): ShimFront => {
  const { stdin, stdout, stderr } = streams
  // A program need not read all that it is given (EPIPE); who has to know hears of it from the write itself.
  stdin?.on('error', () => {})
  return {
    stdin,
    stdout,
    stderr,
    started,
    close: () => {
      for (const stream of [stdin, stdout, stderr]) stream?.destroy()
      child.unref()
    },
  }
}

const closedMemfd = (plan: Uint8Array): number => {
  const fd = memfd('rt-plan', plan)
  setCloseOnExec(fd, true)
  return fd
}
