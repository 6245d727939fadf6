import { writeSync } from 'node:fs'
import { errorCode } from './errno.ts'
import { syscall } from './libc.ts'

const POLLOUT = 4
const poll = syscall('poll', ['void *', 'size_t', 'int'])

/** Writes all of it, waiting for a slow reader also where somebody else has made the descriptor non-blocking. Errors: EPIPE and others. */
export const writeAll = (fd: number, data: Uint8Array): void => {
  for (let at = 0; at < data.length; ) {
    try {
      at += writeSync(fd, data, at)
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') throw error
      const request = Buffer.alloc(8)
      request.writeInt32LE(fd, 0)
      request.writeInt16LE(POLLOUT, 4)
      poll(`fd ${fd}`, request, 1, -1)
    }
  }
}
