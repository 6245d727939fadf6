import type { MountFlag } from '@rt/driver-api'
import { mountFlags } from '../plan/flags.ts'
import { errorCode } from '../sys/errno.ts'
import { syscall } from '../sys/libc.ts'

const mountCall = syscall('mount', ['str', 'str', 'str', 'long', 'str'])
const umountCall = syscall('umount2', ['str', 'int'])
const MNT_DETACH = 2

export interface Mount {
  readonly source: string
  readonly target: string
  readonly type?: string
  readonly flags: readonly MountFlag[]
  readonly data?: string
}

/** One mount(2) in this process's own mount namespace, as the shim makes it in a container's. Errors: SyscallError. */
export const mount = (
  { source, target, type, flags, data }: Mount,
  { unlessGone = false }: { readonly unlessGone?: boolean } = {},
): void => {
  try {
    mountCall(target, source, target, type ?? null, mountFlags(flags), data ?? null)
  } catch (error) {
    // Hidden below another mount, or out of this root's sight.
    if (unlessGone && ['ENOENT', 'EINVAL', 'EACCES'].includes(errorCode(error) ?? '')) return
    throw error
  }
}

/** Takes the uppermost mount away, at once for everybody's eyes. */
export const unmount = (target: string): void => {
  umountCall(target, target, MNT_DETACH)
}
