import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Packing } from '../store/manifest.ts'
import { decompression, decompressionError, peek } from './decompress.ts'
import { throughProgram } from './program.ts'

export interface PumpOptions {
  readonly signal?: AbortSignal
  /** Is given every piece as it comes, before it is decompressed: after that where no layer may be compressed so. */
  readonly copy?: (piece: Buffer) => void
  /** It is a layer: refused where it is compressed in a way that a layer may not be. */
  readonly isLayer?: boolean
}

/**
 * Gives an archive, plain or compressed, to `push` piece by piece, uncompressed. Answers how what `copy` was given is compressed. Errors: RT_ARCHIVE_CORRUPT,
 * and what source, `copy` and `push` throw.
 */
export const pumpArchive = async (
  source: Readable,
  push: (piece: Buffer) => void,
  { signal, copy, isLayer = false }: PumpOptions = {},
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
    const { packing, expand, tool } = decompression(first, isLayer)
    if (expand !== undefined) await pipeline(whole, copied, expand, take, options)
    else if (tool !== undefined) await pipeline(whole, throughProgram(tool, signal), copied, take, options)
    else await pipeline(whole, copied, take, options)
    return packing
  } catch (error) {
    throw decompressionError(error)
  }
}
