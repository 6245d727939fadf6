import { SyscallError } from '../sys/errno.ts'
import { koffi, library } from '../sys/koffi.ts'
import { setCloseOnExec } from '../sys/lock.ts'
import { type ClientOptions, clientWords } from './client.ts'
import { memfd } from './memfd.ts'
import { shimPath } from './path.ts'
import { sendFds, sendPlan } from './send-plan.ts'
import { environment, keepStandardStreams, type Stage } from './stage.ts'

export interface BecomeOptions {
  /** Already joined its cgroups; without one the shim makes its own. */
  readonly stage?: Stage
  readonly netnsFd?: number
  /** Stay open in the shim as long as it lives: the container's lock. */
  readonly keepFds: readonly number[]
}

export interface BecomeClientOptions extends ClientOptions {
  /** Of `startBackground`. */
  readonly monitor: Stage
  readonly netnsFd?: number
  /** The container's: the monitor holds it as long as the container lives, the client until it has started. */
  readonly lockFd: number
}

type Execve = (path: string, argv: (string | null)[], env: (string | null)[]) => number

/**
 * Executes the shim in place of Node: same pid, same terminal, none of Node's 40 MB. Node's own descriptors all close at execve.
 *
 * @throws SyscallError when the kernel refuses, with everything as it was
 */
export const becomeShim = (plan: Uint8Array, { stage, netnsFd, keepFds }: BecomeOptions): never => {
  const planFd = memfd('rt-plan', plan)
  // With a stage the namespace is already on its way, and nobody else is to keep it alive.
  const forked = stage ? [stage.socket] : netnsFd === undefined ? [] : [netnsFd]
  for (const fd of [...keepFds, ...forked]) setCloseOnExec(fd, false)
  const number = (value: number | undefined): string => (value === undefined ? '-' : String(value))
  const execute = prepareExecve(['monitor', String(planFd), number(stage?.socket), stage ? '-' : number(netnsFd)])
  if (stage) sendPlan(stage.socket, planFd, netnsFd)
  return execute()
}

/**
 * The same where the container's monitor is in the background already: this process stays in front of it, as its first client. With a
 * plan that detaches it only waits for the start.
 *
 * @throws SyscallError when the kernel refuses
 */
export const becomeClient = (plan: Uint8Array, options: BecomeClientOptions): never => {
  const { monitor, netnsFd, lockFd } = options
  const planFd = memfd('rt-plan', plan)
  for (const fd of [lockFd, monitor.socket]) setCloseOnExec(fd, false)
  const words = [planFd, monitor.socket, lockFd].map(String)
  const execute = prepareExecve(['client', ...words, ...clientWords(options)])
  sendFds(monitor.socket, [lockFd])
  sendPlan(monitor.socket, planFd, netnsFd)
  return execute()
}

/** Joins a running container at its door, in place of Node. @throws SyscallError when the kernel refuses */
export const becomeAttached = (door: string, options: ClientOptions): never =>
  prepareExecve(['attach', door, ...clientWords(options)])()

/** All that can be done before, because what is sent to a stage has begun. */
const prepareExecve = (words: readonly string[]): (() => never) => {
  const execve = library().func('execve', 'int', ['str', 'const char **', 'const char **']) as unknown as Execve
  keepStandardStreams()
  const path = shimPath()
  const argv = ['rt-shim', ...words, null]
  const env = environment()
  return () => {
    execve(path, argv, env)
    throw new SyscallError('execve', koffi().errno(), path)
  }
}
