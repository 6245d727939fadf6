import { closeSync, constants, openSync } from 'node:fs'
import { errorCode } from './errno.ts'
import { syscall } from './libc.ts'

const ioctl = /* @__PURE__ */ syscall('ioctl', ['int', 'long', 'void *'])

/** _IOR('f', 1, long) and _IOW('f', 2, long); the kernel reads and writes an int. */
const FS_IOC_GETFLAGS = 0x80086601
const FS_IOC_SETFLAGS = 0x40086602
const FS_TOPDIR_FL = 0x20000

/** Where there is no such flag: EOPNOTSUPP and ENOTTY of other file systems, EINVAL of tmpfs, EPERM of one in a user namespace. */
const NO_FLAG = new Set(['EOPNOTSUPP', 'ENOTTY', 'EINVAL', 'EPERM', 'ENOSYS'])

/**
 * Tells the file system that the directories which will be made in this one have nothing to do with each other (chattr +T), so that ext4
 * spreads them over its block groups instead of filling up the parent's. In a group of which many inodes were given back a moment ago, as
 * when an image was removed, one without a journal looks through all of these for each new file: 100 to 300 us, instead of 8.
 * A hint: where it cannot be given all is as before. Errors: those of open(2).
 */
export const holdsUnrelated = (directory: string): void => {
  const fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    const flags = Buffer.alloc(8)
    ioctl(directory, fd, FS_IOC_GETFLAGS, flags)
    flags.writeUInt32LE((flags.readUInt32LE() | FS_TOPDIR_FL) >>> 0)
    ioctl(directory, fd, FS_IOC_SETFLAGS, flags)
  } catch (error) {
    if (!NO_FLAG.has(errorCode(error) ?? '')) throw error
  } finally {
    closeSync(fd)
  }
}
