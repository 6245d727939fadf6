import { closeSync, openSync, readSync } from 'node:fs'

const PART = 4096

/**
 * The text of a file that the kernel or rt itself keeps short: below 4096 bytes with one read, and without asking for its size before and for its
 * end afterwards. Latin 1. undefined: there is none.
 */
export const readSmall = (path: string): string | undefined => {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const buffer = Buffer.allocUnsafe(PART)
    let text = ''
    for (;;) {
      const length = readSync(fd, buffer, 0, PART, null)
      text += buffer.toString('latin1', 0, length)
      if (length < PART) return text
    }
  } finally {
    closeSync(fd)
  }
}
