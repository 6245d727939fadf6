import { setCloseOnExec } from '../sys/lock.ts'
import { type ClientOptions, clientWords } from './client.ts'
import { prepareExecve } from './execve.ts'
import { memfd } from './memfd.ts'
import { sendFds, sendHeld, sendPlan } from './send-plan.ts'
import type { Stage } from './stage.ts'

export interface BecomeOptions {
  /** Has joined its cgroups, or is still joining them. */
  readonly stage: Stage
  readonly netnsFd?: number
  /** The container's: stays open in the shim as long as it lives. */
  readonly lockFd: number
  /** Stay open, too, without being used. */
  readonly heldFds?: readonly number[]
}

export interface BecomeClientOptions extends ClientOptions {
  /** Of `startBackground`. */
  readonly monitor: Stage
  readonly netnsFd?: number
  /** The container's: the monitor holds it as long as the container lives, the client until it has started. */
  readonly lockFd: number
  /** Held by the monitor, too. */
  readonly heldFds?: readonly number[]
}

/**
 * Executes the shim in place of Node, as the monitor of a container that has the caller's own descriptors.
 *
 * @throws SyscallError when the kernel refuses
 */
export const becomeShim = (plan: Uint8Array, { stage, netnsFd, lockFd, heldFds = [] }: BecomeOptions): never => {
  const planFd = memfd('rt-plan', plan)
  for (const fd of [lockFd, stage.socket, ...heldFds]) setCloseOnExec(fd, false)
  const execute = prepareExecve(['monitor', String(planFd), String(stage.socket)])
  sendPlan(stage.socket, planFd, netnsFd)
  return execute()
}

/**
 * The same where the container's monitor is in the background already: this process stays in front of it, as its first client. With a
 * plan that detaches it only waits for the start.
 *
 * @throws SyscallError when the kernel refuses
 */
export const becomeClient = (plan: Uint8Array, options: BecomeClientOptions): never => {
  const { monitor, netnsFd, lockFd, heldFds = [] } = options
  const planFd = memfd('rt-plan', plan)
  for (const fd of [lockFd, monitor.socket]) setCloseOnExec(fd, false)
  const words = [planFd, monitor.socket, lockFd].map(String)
  const execute = prepareExecve(['client', ...words, ...clientWords(options)])
  sendHeld(monitor.socket, heldFds)
  sendFds(monitor.socket, [lockFd])
  sendPlan(monitor.socket, planFd, netnsFd)
  return execute()
}

/** Joins a running container at its door, in place of Node. @throws SyscallError when the kernel refuses */
export const becomeAttached = (door: string, options: ClientOptions): never =>
  prepareExecve(['attach', door, ...clientWords(options)])()

/**
 * Executes the shim in place of Node, to stand by a program that enters a container.
 *
 * @param stage of `startEntering`
 * @param pidfd of the container's first process
 * @throws SyscallError when the kernel refuses
 */
export const becomeExecShim = (plan: Uint8Array, stage: Stage, pidfd: number): never => {
  const planFd = memfd('rt-plan', plan)
  setCloseOnExec(stage.socket, false)
  const execute = prepareExecve(['exec', String(planFd), String(stage.socket)])
  sendPlan(stage.socket, planFd, pidfd)
  return execute()
}
