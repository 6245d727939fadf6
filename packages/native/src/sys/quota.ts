import { rawSyscall, syscall } from './libc.ts'

const ioctl = syscall('ioctl', ['int', 'long', 'void *'])
/** The same number everywhere; Linux 5.14. */
const quotactlFd = rawSyscall('quotactl_fd', 443, ['int', 'uint', 'uint', 'void *'])

/** _IOR('X', 31, struct fsxattr) and _IOW('X', 32, struct fsxattr) */
const FS_IOC_FSGETXATTR = 0x801c581f
const FS_IOC_FSSETXATTR = 0x401c5820
const FSXATTR_SIZE = 28
const XFLAGS_AT = 0
const PROJECT_AT = 12
const FS_XFLAG_PROJINHERIT = 0x200

/**
 * Puts a directory into a project: all that is made in it from now on belongs to it, too. `fd`: of the directory. Errors: SyscallError,
 * ENOTTY or EOPNOTSUPP where the file system has no projects.
 */
export const joinProject = (fd: number, project: number, path: string): void => {
  const attributes = Buffer.alloc(FSXATTR_SIZE)
  ioctl(path, fd, FS_IOC_FSGETXATTR, attributes)
  attributes.writeUInt32LE((attributes.readUInt32LE(XFLAGS_AT) | FS_XFLAG_PROJINHERIT) >>> 0, XFLAGS_AT)
  attributes.writeUInt32LE(project, PROJECT_AT)
  ioctl(path, fd, FS_IOC_FSSETXATTR, attributes)
}

const Q_SETQUOTA = 0x800008
const PRJQUOTA = 2
const QIF_BLIMITS = 1
/** struct if_dqblk: eight 64-bit numbers, the first the hard limit in KiB, and a mask of those that are meant. */
const DQBLK_SIZE = 72
const VALID_AT = 64

/**
 * Limits what all files of a project take on the file system of `fd`. `bytes` is rounded up to KiB. Errors: SyscallError, ESRCH where
 * quotas are not switched on, ENOSYS on kernels without them.
 */
export const limitProject = (fd: number, project: number, bytes: number, path: string): void => {
  const limits = Buffer.alloc(DQBLK_SIZE)
  limits.writeBigUInt64LE(BigInt(Math.ceil(bytes / 1024)), 0)
  limits.writeUInt32LE(QIF_BLIMITS, VALID_AT)
  quotactlFd(path, fd, Q_SETQUOTA * 256 + PRJQUOTA, project, limits)
}
