import { errorCode } from './errno.ts'
import { syscall } from './libc.ts'

const POLLPRI = 2
const poll = syscall('poll', ['void *', 'size_t', 'int'])

/** Waits until the kernel says that the content of `fd` (of cgroupfs, procfs or sysfs) has changed since it was read, at most `milliseconds`. */
export const waitForPriority = (fd: number, milliseconds: number): void => {
  const entry = Buffer.alloc(8)
  entry.writeInt32LE(fd, 0)
  entry.writeInt16LE(POLLPRI, 4)
  try {
    poll(undefined, entry, 1, Math.max(1, Math.ceil(milliseconds)))
  } catch (error) {
    if (errorCode(error) !== 'EINTR') throw error
  }
}
