import { createHash } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { isRtError, RtError } from '@rt/driver-api'
import { errorCode } from '@rt/native'
import { corrupt, shown } from '../tar/errors.ts'
import { TarReader } from '../tar/reader.ts'
import { Budget, type UnpackLimits } from './limits.ts'
import { TreeWriter } from './tree-writer.ts'
import { WhiteoutSink } from './whiteouts.ts'

export interface LayerFacts {
  /** 64 hexadecimal digits: sha256 of the whole uncompressed archive. */
  readonly diffId: string
  /** Bytes of the unpacked files, rounded up to whole clusters. */
  readonly size: number
  readonly entries: number
}

/** Zero blocks fill the last record of an archive (10 KiB as a rule); what goes on much longer only burns time. */
const MAX_TRAILER = 64 << 20

/** Unpacks one uncompressed archive, given in pieces, into an empty directory. Ends with `finish` or `abandon`. */
export class LayerUnpacker {
  #root: number
  readonly #budget: Budget
  readonly #writer: TreeWriter
  readonly #reader: TarReader
  readonly #hash = createHash('sha256')
  #trailer = 0

  /** `isLayer`: names that begin with `.wh.` tell what is gone of the layers below; in the archive of a whole root they are names. */
  constructor(
    directory: string,
    limits: UnpackLimits = {},
    warn: (text: string) => void = () => {},
    { isLayer = false }: { readonly isLayer?: boolean } = {},
  ) {
    this.#budget = new Budget(directory, limits)
    this.#root = openSync(directory, 'r')
    this.#writer = new TreeWriter(this.#root, this.#budget, warn)
    this.#reader = new TarReader(isLayer ? new WhiteoutSink(this.#writer) : this.#writer)
  }

  get entries(): number {
    return this.#budget.entries
  }

  /** Errors: RT_ARCHIVE_CORRUPT, RT_ARCHIVE_HOSTILE, RT_DISK_FULL, RT_STEP_FAILED. */
  push(chunk: Buffer): void {
    this.#hash.update(chunk)
    if (this.#reader.ended) this.#trailer += chunk.length
    if (this.#trailer > MAX_TRAILER) throw corrupt('The archive goes on for too long after its end mark.')
    this.#guard(() => this.#reader.push(chunk))
  }

  finish(): LayerFacts {
    this.#guard(() => {
      this.#reader.end()
      this.#writer.finish()
    })
    this.#close()
    return { diffId: this.#hash.digest('hex'), size: this.#budget.bytes, entries: this.#budget.entries }
  }

  /** Closes what is open; also after `finish`. */
  abandon(): void {
    this.#writer.abandon()
    this.#close()
  }

  #close(): void {
    if (this.#root !== -1) closeSync(this.#root)
    this.#root = -1
  }

  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      throw unpackError(error, this.#writer.current)
    }
  }
}

const unpackError = (error: unknown, entry: string): unknown => {
  if (isRtError(error)) return error
  const code = errorCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new RtError('RT_DISK_FULL', `The image store is full: no room for ${shown(entry)}.`, { cause: error })
  }
  if (code === undefined) return error
  return new RtError('RT_STEP_FAILED', `The entry ${shown(entry)} cannot be unpacked: ${(error as Error).message}.`, {
    cause: error,
    remedy: 'Check that the file system of the image store takes Linux owners, devices and names.',
  })
}
