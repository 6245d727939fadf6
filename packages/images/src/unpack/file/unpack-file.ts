import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { Readable } from 'node:stream'
import { digestOf } from '../../store/layout.ts'
import type { Packing } from '../../store/manifest.ts'
import { corrupt } from '../../tar/errors.ts'
import { type LayerFacts, LayerUnpacker } from '../layer.ts'
import type { UnpackLimits } from '../limits.ts'
import { pumpArchive } from '../pump.ts'
import type { Growth } from './growth.ts'

const CHUNK = 1 << 18

export interface UnpackJob {
  /** A layer's archive, plain or compressed. It may still grow. */
  readonly file: string
  /** Bytes that it has when it is complete. */
  readonly size: number
  /** An empty directory. */
  readonly tree: string
  readonly limits?: UnpackLimits
}

export interface Unpacked extends LayerFacts {
  readonly packing: Packing
  /** `sha256:` and 64 hexadecimal digits, of the archive as it was read. */
  readonly digest: string
}

/**
 * Unpacks a layer from a file, as far as it is there already: whoever fetches it does not wait for this, and both take as long as the slower
 * one. Errors: those of LayerUnpacker and what `growth` was given up for; the tree is the caller's to remove.
 */
export const unpackFile = async (
  { file, size, tree, limits }: UnpackJob,
  growth: Growth,
  warn: (text: string) => void = () => {},
): Promise<Unpacked> => {
  const hash = createHash('sha256')
  const fd = openSync(file, 'r')
  try {
    const unpacker = new LayerUnpacker(tree, limits, warn, { isLayer: true })
    try {
      const source = Readable.from(pieces(fd, size, growth), { objectMode: false, highWaterMark: CHUNK })
      const packing = await pumpArchive(source, (piece) => unpacker.push(piece), {
        copy: (piece) => hash.update(piece),
        isLayer: true,
      })
      return { ...unpacker.finish(), packing, digest: digestOf(hash.digest('hex')) }
    } catch (error) {
      unpacker.abandon()
      throw error
    }
  } finally {
    closeSync(fd)
  }
}

const pieces = async function* (fd: number, size: number, growth: Growth): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; ) {
    const there = await growth.beyond(at)
    while (at < there) {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK, there - at))
      const length = readSync(fd, buffer, 0, buffer.length, at)
      if (length === 0) throw corrupt('The archive became shorter while it was read.')
      at += length
      yield buffer.subarray(0, length)
    }
  }
}
