import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { constants, createGzip } from 'node:zlib'
import type { NewBlob } from '../store/adopt.ts'
import { ArchiveCopy } from '../store/archive-copy.ts'
import type { Workspace } from '../store/write.ts'

const CHUNK = 1 << 20

/** Compresses a layer's plain archive with gzip, which every tool reads. Errors: RT_DISK_FULL. */
export const compressBlob = async (workspace: Workspace, source: string, diffId: string): Promise<NewBlob> => {
  const copy = new ArchiveCopy(join(workspace.path, `gzip-${diffId}`))
  try {
    await pipeline(
      createReadStream(source, { highWaterMark: CHUNK }),
      createGzip({ level: constants.Z_DEFAULT_COMPRESSION, chunkSize: CHUNK }),
      async (pieces: AsyncIterable<Buffer>) => {
        for await (const piece of pieces) copy.push(piece)
      },
    )
    return copy.finish('+gzip', diffId)
  } catch (error) {
    copy.abandon()
    throw error
  }
}
