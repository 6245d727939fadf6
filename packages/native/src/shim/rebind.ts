import { SyscallError } from '../sys/errno.ts'
import { shimPath } from '../sys/shim-path.ts'

/** `pidfd` of a container's first process, `target` a path inside that has something mounted on it. */
export interface Rebinding {
  readonly pid: number
  readonly pidfd: number
  readonly source: string
  readonly target: string
}

const ENOSYS = 38

/**
 * Mounts another file of the host in the place of one that a running container has mounted. By the shim, because only a process with one thread can go
 * into another mount namespace. False: the kernel cannot (before 5.2).
 *
 * @throws SyscallError
 */
export const rebindFile = ({ pid, pidfd, source, target }: Rebinding): boolean => {
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const stdio = ['ignore', 'pipe', 'inherit', pidfd] as const
  const result = spawnSync(shimPath(), ['rebind', String(pid), source, target], { stdio: [...stdio], encoding: 'utf8' })
  if (result.error) throw result.error
  if (result.status === 0) return true
  const errno = Number(result.stdout)
  if (errno === ENOSYS) return false
  throw new SyscallError('move_mount', errno, target)
}
