import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { digestOf } from './layout.ts'

/** `sha256:` and 64 hexadecimal digits, of a file of any size. */
export const fileDigest = (path: string): string => {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(1 << 18)
  const fd = openSync(path, 'r')
  try {
    for (let length = readSync(fd, buffer); length > 0; length = readSync(fd, buffer))
      hash.update(buffer.subarray(0, length))
    return digestOf(hash.digest('hex'))
  } finally {
    closeSync(fd)
  }
}
