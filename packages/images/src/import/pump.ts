import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { decompressionError, decompressor, peek } from './decompress.ts'

/**
 * Gives an archive, plain or compressed, to `push` piece by piece, uncompressed. Errors: RT_ARCHIVE_CORRUPT, and what source and `push`
 * throw.
 */
export const pumpArchive = async (
  source: Readable,
  push: (piece: Buffer) => void,
  signal?: AbortSignal,
): Promise<void> => {
  const take = async (pieces: AsyncIterable<Buffer>): Promise<void> => {
    for await (const piece of pieces) push(piece)
  }
  const options = signal === undefined ? {} : { signal }
  try {
    const { first, whole } = await peek(source)
    const expand = decompressor(first)
    await (expand === undefined ? pipeline(whole, take, options) : pipeline(whole, expand, take, options))
  } catch (error) {
    throw decompressionError(error)
  }
}
