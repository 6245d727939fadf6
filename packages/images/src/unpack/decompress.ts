import { Readable, type Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { RtError } from '@rt/driver-api'
import type { Packing } from '../store/manifest.ts'
import { corrupt } from '../tar/errors.ts'

/** Pieces large enough that the loop over them costs nothing, small enough to stay in the processor's cache. */
const CHUNK = 256 * 1024

interface Format {
  readonly name: string
  readonly magic: readonly number[]
  /** undefined: no layer may be packed so. */
  readonly packing?: Packing
  /** undefined: rt does not read it; `tool` does. */
  readonly open?: () => Transform
  readonly tool?: string
}

const FORMATS: readonly Format[] = [
  { name: 'gzip', magic: [0x1f, 0x8b], packing: '+gzip', open: () => createGunzip({ chunkSize: CHUNK }) },
  {
    name: 'zstd',
    magic: [0x28, 0xb5, 0x2f, 0xfd],
    packing: '+zstd',
    // Node 22.12 is allowed and has no zstd yet (22.15 does).
    ...(typeof createZstdDecompress === 'function' ? { open: () => createZstdDecompress({ chunkSize: CHUNK }) } : {}),
    tool: 'zstd',
  },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], tool: 'xz' },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], tool: 'bzip2' },
]

const LONGEST_MAGIC = 6

/**
 * Tells from its first bytes how the archive is compressed. Answers the stream that decompresses it, or none for a plain one.
 * Errors: RT_ARCHIVE_CORRUPT for a compression that rt does not read.
 */
export const decompressor = (first: Buffer): { readonly packing: Packing; readonly expand?: Transform } => {
  const format = FORMATS.find(({ magic }) => magic.every((byte, index) => first[index] === byte))
  if (format === undefined) return { packing: '' }
  const expand = format.open?.()
  if (expand !== undefined && format.packing !== undefined) return { packing: format.packing, expand }
  throw new RtError('RT_ARCHIVE_CORRUPT', `The archive is compressed with ${format.name}, which rt cannot read.`, {
    remedy: `Decompress it on the way: ${format.tool} -dc FILE | rt load, or … | rt import - NAME.`,
  })
}

/** The first bytes of `source`, and a stream of all of it. */
export const peek = async (source: Readable): Promise<{ first: Buffer; whole: Readable }> => {
  const chunks: Buffer[] = []
  let length = 0
  const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>
  let ended = false
  while (length < LONGEST_MAGIC) {
    const next = await iterator.next()
    ended = next.done === true
    if (ended) break
    const chunk = Buffer.from(next.value as Buffer)
    chunks.push(chunk)
    length += chunk.length
  }
  const first = Buffer.concat(chunks)
  const rest = async function* (): AsyncGenerator<Buffer> {
    try {
      if (first.length > 0) yield first
      while (!ended) {
        const next = await iterator.next()
        if (next.done === true) break
        yield next.value as Buffer
      }
    } finally {
      await iterator.return?.()
    }
  }
  return { first, whole: Readable.from(rest(), { objectMode: false, highWaterMark: CHUNK }) }
}

/** zlib's errors in the words of the archive; every other error as it is. */
export const decompressionError = (error: unknown): unknown => {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code !== 'string' || !/^(?:Z_|ZSTD_)/.test(code)) return error
  return code === 'Z_BUF_ERROR'
    ? corrupt('The archive is cut off: its compressed data end too early.', error)
    : corrupt(`The archive is damaged: its compressed data cannot be read (${(error as Error).message}).`, error)
}
