import { SyscallError } from '../sys/errno.ts'
import { koffi, library } from '../sys/koffi.ts'
import { setCloseOnExec } from '../sys/lock.ts'
import { memfd } from './memfd.ts'
import { shimPath } from './path.ts'
import { sendPlan } from './send-plan.ts'
import { environment, keepStandardStreams, type Stage } from './stage.ts'

export interface BecomeOptions {
  /** Already joined its cgroups; without one the shim makes its own. */
  readonly stage?: Stage
  readonly netnsFd?: number
  /** Stay open in the shim as long as it lives: the container's lock. */
  readonly keepFds: readonly number[]
}

type Execve = (path: string, argv: (string | null)[], env: (string | null)[]) => number

/**
 * Executes the shim in place of Node: same pid, same terminal, none of Node's 40 MB. Node's own descriptors all close at execve.
 *
 * @throws SyscallError when the kernel refuses, with everything as it was
 */
export const becomeShim = (plan: Uint8Array, { stage, netnsFd, keepFds }: BecomeOptions): never => {
  const execve = library().func('execve', 'int', ['str', 'const char **', 'const char **']) as unknown as Execve
  const planFd = memfd('rt-plan', plan)
  // With a stage the namespace is already on its way, and nobody else is to keep it alive.
  const forked = stage ? [stage.socket] : netnsFd === undefined ? [] : [netnsFd]
  for (const fd of [...keepFds, ...forked]) setCloseOnExec(fd, false)
  keepStandardStreams()
  const number = (value: number | undefined): string => (value === undefined ? '-' : String(value))
  const path = shimPath()
  const argv = ['rt-shim', 'monitor', String(planFd), number(stage?.socket), stage ? '-' : number(netnsFd), null]
  const env = environment()
  if (stage) sendPlan(stage.socket, planFd, netnsFd)
  execve(path, argv, env)
  throw new SyscallError('execve', koffi().errno(), path)
}
