import { setCloseOnExec } from '../sys/lock.ts'
import { execveShim } from './execve.ts'
import { memfd } from './memfd.ts'
import { sendPlan } from './send-plan.ts'
import type { Stage } from './stage.ts'

/**
 * Executes the shim in place of Node, to stand by a program that enters a container; see `becomeShim`.
 *
 * @param pidfd of the container's first process
 */
export const becomeExecShim = (plan: Uint8Array, stage: Stage, pidfd: number): never => {
  const planFd = memfd('rt-plan', plan)
  setCloseOnExec(stage.socket, false)
  return execveShim(['exec', String(planFd), String(stage.socket)], () => sendPlan(stage.socket, planFd, pidfd))
}
