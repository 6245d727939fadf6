import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { errorCode } from './errno.ts'

/** Native byte order: the shim does the same. */
const BYTES = 8

/** Adds to the number that a file holds. `fd`: open for reading and writing; the caller has its lock. */
export const addCount = (fd: number, more: number): void => {
  const number = new BigUint64Array(1)
  const bytes = new Uint8Array(number.buffer)
  // A file that is empty, or too short to be one, counts from zero.
  if (readSync(fd, bytes, 0, BYTES, 0) !== BYTES) number[0] = 0n
  number[0] = (number[0] as bigint) + BigInt(more)
  writeSync(fd, bytes, 0, BYTES, 0)
}

/** The number that a file holds; 0: none, or no such file. */
export const readCount = (path: string): number => {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0
    throw error
  }
  try {
    const number = new BigUint64Array(1)
    return readSync(fd, new Uint8Array(number.buffer), 0, BYTES, 0) === BYTES ? Number(number[0]) : 0
  } finally {
    closeSync(fd)
  }
}
