import { closeSync, openSync, readSync } from 'node:fs'

const MOST = 4096

/**
 * The text of a file that the kernel or rt itself keeps short, up to 4096 bytes: with one read, and without asking for its size before and
 * for its end afterwards. undefined: there is none.
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
    const buffer = Buffer.allocUnsafe(MOST)
    return buffer.toString('latin1', 0, readSync(fd, buffer, 0, MOST, null))
  } finally {
    closeSync(fd)
  }
}
