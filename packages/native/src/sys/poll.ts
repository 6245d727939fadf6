import { monotonic } from './clock.ts'
import { errorCode } from './errno.ts'
import { syscall } from './libc.ts'

const POLLIN = 1
const POLLPRI = 2
const POLLOUT = 4
const ENTRY = 8
const pollCall = syscall('poll', ['void *', 'size_t', 'int'])

/**
 * Waits until at least one descriptor can be read (of a pidfd: its process has ended), at most `timeoutMs`; Infinity waits for ever. Blocks the
 * thread. Answers those that can; none: the time is over.
 */
export const waitReadable = (fds: readonly number[], timeoutMs: number): ReadonlySet<number> =>
  waitFor(fds, POLLIN, timeoutMs)

/** Waits until a descriptor can be written to (of a socket that connects: it has, or has failed), at most `timeoutMs`. Blocks the thread. */
export const waitWritable = (fd: number, timeoutMs: number): boolean => waitFor([fd], POLLOUT, timeoutMs).size > 0

/** A signal, as of a child that has ended, is no answer. */
const waitFor = (fds: readonly number[], events: number, timeoutMs: number): ReadonlySet<number> => {
  const request = Buffer.alloc(ENTRY * fds.length)
  for (const [index, fd] of fds.entries()) {
    request.writeInt32LE(fd, ENTRY * index)
    request.writeInt16LE(events, ENTRY * index + 4)
  }
  const deadline = monotonic() + timeoutMs
  for (;;) {
    // Rounded up, or the last millisecond would be spent asking.
    const left = Math.max(0, Math.ceil(deadline - monotonic()))
    try {
      pollCall(undefined, request, fds.length, left > 0x7fffffff ? -1 : left)
      return new Set(fds.filter((_, index) => request.readInt16LE(ENTRY * index + 6) !== 0))
    } catch (error) {
      if (errorCode(error) !== 'EINTR') throw error
    }
  }
}

/** Waits until the kernel says that the content of `fd` (of cgroupfs, procfs or sysfs) has changed since it was read, at most `milliseconds`. */
export const waitForPriority = (fd: number, milliseconds: number): void => {
  const entry = Buffer.alloc(ENTRY)
  entry.writeInt32LE(fd, 0)
  entry.writeInt16LE(POLLPRI, 4)
  try {
    pollCall(undefined, entry, 1, Math.max(1, Math.ceil(milliseconds)))
  } catch (error) {
    if (errorCode(error) !== 'EINTR') throw error
  }
}
