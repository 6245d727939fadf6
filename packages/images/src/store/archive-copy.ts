import { createHash, type Hash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { NewBlob } from './adopt.ts'
import { diskFull } from './disk-full.ts'
import { digestOf } from './layout.ts'
import { MEDIA, type Packing } from './manifest.ts'
import type { Workspace } from './write.ts'

/** Keeps a layer's archive beside its tree while it goes by, as whoever is given the image wants the bytes that its digests stand for. */
export class ArchiveCopy {
  readonly path: string
  #fd: number
  readonly #hash: Hash | undefined
  #size = 0

  /** `hashed`: false where the digest is computed by somebody else, as a plain archive's is its diffID. */
  constructor(path: string, { hashed = true }: { readonly hashed?: boolean } = {}) {
    this.path = path
    this.#fd = openSync(path, 'wx', 0o600)
    this.#hash = hashed ? createHash('sha256') : undefined
  }

  /** Errors: RT_DISK_FULL. */
  push(piece: Uint8Array): void {
    this.#hash?.update(piece)
    this.#size += piece.length
    try {
      for (let at = 0; at < piece.length; ) at += writeSync(this.#fd, piece, at)
    } catch (error) {
      throw diskFull(error)
    }
  }

  /** `diffId`: of the archive where it was not hashed here. */
  finish(packing: Packing, diffId: string): NewBlob {
    this.abandon()
    const hex = this.#hash?.digest('hex') ?? diffId
    return { path: this.path, mediaType: MEDIA.layer + packing, digest: digestOf(hex), size: this.#size }
  }

  /** Closes the file; also after `finish`. */
  abandon(): void {
    if (this.#fd !== -1) closeSync(this.#fd)
    this.#fd = -1
  }
}

export const archivePath = (workspace: Workspace): string => join(workspace.path, 'archive')
