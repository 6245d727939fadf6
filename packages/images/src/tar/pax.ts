import { corrupt } from './errors.ts'

/** Keyword to value, both byte strings: SCHILY.xattr values are binary, and decoding them as UTF-8 would destroy a file capability. */
export type PaxRecords = Map<string, string>

/**
 * Reads the records `LENGTH KEYWORD=VALUE\n` of a POSIX extended header into `into`; an empty value takes a keyword back.
 * Errors: RT_ARCHIVE_CORRUPT.
 */
export const readPax = (data: Buffer, into: PaxRecords, offset: number): void => {
  const damaged = (): Error => corrupt(`The archive is damaged: the extended header at byte ${offset} cannot be read.`)
  for (let start = 0; start < data.length; ) {
    const space = data.indexOf(0x20, start)
    const digits = space === -1 ? '' : data.toString('latin1', start, space)
    const end = start + Number(digits)
    if (!/^[1-9][0-9]{0,8}$/.test(digits) || end > data.length || data[end - 1] !== 0x0a) throw damaged()
    const equals = data.indexOf(0x3d, space)
    if (equals === -1 || equals >= end) throw damaged()
    const key = data.toString('latin1', space + 1, equals)
    if (equals + 1 === end - 1) into.delete(key)
    // The 0.0 form of GNU's sparse map repeats its two keywords, so only there the values are a list.
    else if (SPARSE_PAIR.has(key))
      into.set(SPARSE_MAP, join(into.get(SPARSE_MAP), data.toString('latin1', equals + 1, end - 1)))
    else into.set(key, data.toString('latin1', equals + 1, end - 1))
    start = end
  }
}

export const SPARSE_MAP = 'GNU.sparse.map'
const SPARSE_PAIR = new Set(['GNU.sparse.offset', 'GNU.sparse.numbytes'])
const join = (list: string | undefined, value: string): string => (list === undefined ? value : `${list},${value}`)

/** A whole number of bytes or an id, in decimal. */
export const paxNumber = (text: string, offset: number): number => {
  if (!/^[0-9]{1,20}$/.test(text)) {
    throw corrupt(`The archive is damaged: the extended header before byte ${offset} has a number that is not decimal.`)
  }
  return Number(text)
}

/** Decimal seconds with a fraction, perhaps negative, as nanoseconds; digits beyond nanoseconds are cut. */
export const paxTime = (text: string, offset: number): bigint => {
  const match = /^(-?)([0-9]{1,12})(?:\.([0-9]*))?$/.exec(text)
  if (match === null) {
    throw corrupt(`The archive is damaged: the extended header before byte ${offset} has a time that cannot be read.`)
  }
  const nanoseconds = BigInt(match[2] ?? '0') * 1_000_000_000n + BigInt((match[3] ?? '').slice(0, 9).padEnd(9, '0'))
  return match[1] === '-' ? -nanoseconds : nanoseconds
}
