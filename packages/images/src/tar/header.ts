import { corrupt } from './errors.ts'

export const BLOCK = 512

/** The raw fields of one 512-byte header; names are byte strings. Layout: POSIX ustar, with GNU's base-256 numbers. */
export interface Header {
  readonly typeflag: string
  readonly path: string
  readonly linkpath: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: number
  readonly major: number
  readonly minor: number
}

/** `offset`: of the block in the uncompressed archive, for messages. Errors: RT_ARCHIVE_CORRUPT. */
export const readHeader = (block: Buffer, offset: number): Header => {
  checkSum(block, offset)
  const ustar = block.toString('latin1', 257, 262) === 'ustar'
  // GNU's older format has other things than a prefix at 345; it says "ustar " where POSIX says "ustar\0".
  const prefix = ustar && block[262] === 0 ? field(block, 345, 155) : ''
  const name = field(block, 0, 100)
  const number = (from: number, length: number): number => readNumber(block, from, length, offset)
  return {
    typeflag: block[156] === 0 ? '0' : String.fromCharCode(block[156] ?? 0),
    path: prefix === '' ? name : `${prefix}/${name}`,
    linkpath: field(block, 157, 100),
    mode: number(100, 8) & 0o7777,
    uid: number(108, 8),
    gid: number(116, 8),
    size: number(124, 12),
    mtime: number(136, 12),
    // Only devices use these, and the formats before POSIX left rubbish there.
    major: ustar ? number(329, 8) : 0,
    minor: ustar ? number(337, 8) : 0,
  }
}

export const isZeroBlock = (block: Buffer): boolean => block.readUInt32LE(0) === 0 && ZEROS.equals(block)

const ZEROS = Buffer.alloc(BLOCK)

/** Text up to NUL or the field's end. */
export const field = (block: Buffer, from: number, length: number): string => {
  const end = block.indexOf(0, from)
  return block.toString('latin1', from, end === -1 || end > from + length ? from + length : end)
}

/** Octal text, or big-endian base-256 where the first bit is set. */
export const readNumber = (block: Buffer, from: number, length: number, offset: number): number => {
  const first = block[from] ?? 0
  if (first & 0x80) {
    let value = first & 0x40 ? first - 0x100 : first & 0x7f
    for (let index = from + 1; index < from + length; index++) value = value * 256 + (block[index] ?? 0)
    return value
  }
  let index = from
  const end = from + length
  while (index < end && block[index] === SPACE) index++
  let value = 0
  for (; index < end; index++) {
    const byte = block[index] ?? 0
    if (byte === 0 || byte === SPACE) break
    if (byte < ZERO || byte > ZERO + 7)
      throw corrupt(`The archive is damaged: the header at byte ${offset} has a number that is not octal.`)
    value = value * 8 + byte - ZERO
  }
  return value
}

const SPACE = 0x20
const ZERO = 0x30

const checkSum = (block: Buffer, offset: number): void => {
  let [unsigned, signed] = [8 * SPACE, 8 * SPACE]
  for (let index = 0; index < BLOCK; index++) {
    if (index === 148) index = 156
    const byte = block[index] ?? 0
    unsigned += byte
    if (byte > 127) signed -= 256
  }
  const stated = field(block, 148, 8).trim()
  const sum = /^[0-7]+$/.test(stated) ? Number.parseInt(stated, 8) : -1
  // Some old tars added up signed characters; GNU tar takes both.
  if (sum === unsigned || sum === unsigned + signed - 8 * SPACE) return
  throw offset === 0
    ? corrupt('The file is not a tar archive: its first 512 bytes are no tar header.')
    : corrupt(`The archive is damaged: the header at byte ${offset} does not match its checksum.`)
}
