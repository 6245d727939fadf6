import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Packing } from '../store/manifest.ts'
import { decompressionError, decompressor, peek } from './decompress.ts'

export interface PumpOptions {
  readonly signal?: AbortSignal
  /** Is given every piece as it comes, before it is decompressed. */
  readonly copy?: (piece: Buffer) => void
}

/**
 * Gives an archive, plain or compressed, to `push` piece by piece, uncompressed. Answers how it was compressed. Errors: RT_ARCHIVE_CORRUPT,
 * and what source, `copy` and `push` throw.
 */
export const pumpArchive = async (
  source: Readable,
  push: (piece: Buffer) => void,
  { signal, copy }: PumpOptions = {},
): Promise<Packing> => {
  const take = async (pieces: AsyncIterable<Buffer>): Promise<void> => {
    for await (const piece of pieces) push(piece)
  }
  const copied = async function* (pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      copy?.(piece)
      yield piece
    }
  }
  const options = signal === undefined ? {} : { signal }
  try {
    const { first, whole } = await peek(source)
    const { packing, expand } = decompressor(first)
    await (expand === undefined
      ? pipeline(whole, copied, take, options)
      : pipeline(whole, copied, expand, take, options))
    return packing
  } catch (error) {
    throw decompressionError(error)
  }
}
