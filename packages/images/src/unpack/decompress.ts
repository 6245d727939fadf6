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
  /** undefined: rt does not read it; the program `tool` does. */
  readonly open?: () => Transform
  readonly tool?: string
}

export interface Decompression {
  /** How the archive is compressed, where a layer may be; '' for one that is not kept as it came. */
  readonly packing: Packing
  /** undefined: there is nothing to decompress, or `tool` does it. */
  readonly expand?: Transform
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
 * Tells from its first bytes how the archive is compressed, and what decompresses it. `isLayer`: only as a layer may be. Errors: RT_ARCHIVE_CORRUPT for a
 * compression that rt does not read.
 */
export const decompression = (first: Buffer, isLayer: boolean): Decompression => {
  const format = FORMATS.find(({ magic }) => magic.every((byte, index) => first[index] === byte))
  if (format === undefined) return { packing: '' }
  const expand = format.open?.()
  if (expand !== undefined && format.packing !== undefined) return { packing: format.packing, expand }
  if (format.tool !== undefined && !isLayer) return { packing: '', tool: format.tool }
  throw unreadable(format.name)
}

const unreadable = (name: string): RtError =>
  new RtError('RT_ARCHIVE_CORRUPT', `The archive is compressed with ${name}, which rt cannot read in a layer.`, {
    remedy: 'Make it again with layers that are plain or compressed with gzip or zstd.',
  })

/** Of an archive that only the program `tool` can decompress. */
export const programMissing = (tool: string, cause: unknown): RtError =>
  new RtError(
    'RT_ARCHIVE_CORRUPT',
    `The archive is compressed with ${tool}, which rt cannot read without that program.`,
    {
      remedy: `Install ${tool}, or decompress the archive on the way: ${tool} -dc FILE | rt load, or … | rt import - NAME.`,
      cause,
    },
  )

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
