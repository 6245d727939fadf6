import { errorCode } from './errno.ts'
import { rawSyscall, type Syscall } from './libc.ts'

/** renameat2(2), which older C libraries have no wrapper for. */
const NUMBERS: Readonly<Record<string, number>> = {
  x64: 316,
  arm64: 276,
  riscv64: 276,
  loong64: 276,
  s390x: 347,
  ppc64: 357,
}
const AT_FDCWD = -100
const RENAME_EXCHANGE = 2

let call: Syscall | undefined

/**
 * Two files or directories of one file system change places: nobody ever sees one of the names missing. False: the file system cannot do
 * that (NFS, ZFS before 2.2).
 *
 * @throws SyscallError
 */
export const exchange = (one: string, other: string): boolean => {
  call ??= rawSyscall('renameat2', NUMBERS[process.arch] ?? 276, ['int', 'str', 'int', 'str', 'uint'])
  try {
    call(one, AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE)
    return true
  } catch (error) {
    if (!['EINVAL', 'ENOSYS', 'EXDEV'].includes(errorCode(error) ?? '')) throw error
    return false
  }
}
