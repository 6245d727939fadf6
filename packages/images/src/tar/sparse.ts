import type { SparseExtent } from './entry.ts'
import { corrupt } from './errors.ts'
import { BLOCK, readNumber } from './header.ts'
import { paxNumber } from './pax.ts'

/**
 * The three places where GNU tar keeps the map of a sparse file: the header itself with continuation blocks (`S` entries), extended
 * header records (formats 0.0 and 0.1), or decimal lines before the data (format 1.0).
 */

/** Extents of an old GNU header or of one continuation block: `count` pairs of 12-byte numbers from `from` on. */
export const headerExtents = (block: Buffer, from: number, count: number, offset: number): SparseExtent[] => {
  const extents: SparseExtent[] = []
  for (let index = 0; index < count; index++) {
    const at = from + index * 24
    if (block[at] === 0) break
    extents.push({ offset: readNumber(block, at, 12, offset), length: readNumber(block, at + 12, 12, offset) })
  }
  return extents
}

/** `offset,length,offset,length,…` */
export const listedExtents = (list: string, offset: number): SparseExtent[] => {
  const numbers = (list === '' ? [] : list.split(',')).map((text) => paxNumber(text, offset))
  if (numbers.length % 2 === 1) throw damagedMap(offset)
  return Array.from({ length: numbers.length / 2 }, (_, index) => ({
    offset: numbers[index * 2] ?? 0,
    length: numbers[index * 2 + 1] ?? 0,
  }))
}

/** Reads the lines of format 1.0 block by block; answers undefined until the map is complete. */
export class DataMapReader {
  #text = ''
  /** Bytes of the archive that the map took. */
  taken = 0

  add(block: Buffer, offset: number): SparseExtent[] | undefined {
    this.#text += block.toString('latin1', 0, BLOCK)
    this.taken += BLOCK
    if (this.taken > MAX_MAP) throw damagedMap(offset)
    const lines = this.#text.split('\n')
    // What follows the last newline is padding, or a number that goes on in the next block.
    const numbers = lines.slice(0, -1)
    if (numbers[0] === undefined) return undefined
    const wanted = paxNumber(numbers[0], offset) * 2 + 1
    return numbers.length < wanted ? undefined : listedExtents(numbers.slice(1, wanted).join(','), offset)
  }
}

const MAX_MAP = 1 << 20

/** In order, without overlaps, inside the file, and as long together as the archive's data. */
export const checkExtents = (extents: readonly SparseExtent[], size: number, stored: number, offset: number): void => {
  let [end, total] = [0, 0]
  for (const extent of extents) {
    if (extent.offset < end || extent.length < 0) throw damagedMap(offset)
    end = extent.offset + extent.length
    total += extent.length
  }
  if (end > size || total !== stored) throw damagedMap(offset)
}

const damagedMap = (offset: number): Error =>
  corrupt(`The archive is damaged: the map of the sparse file before byte ${offset} is wrong.`)
