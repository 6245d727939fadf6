import { closeSync, openSync, writeSync } from 'node:fs'
import { join, posix } from 'node:path'
import { diskFull } from '../store/disk-full.ts'
import type { Workspace } from '../store/write.ts'
import type { TarEntry } from '../tar/entry.ts'
import type { TarSink } from '../tar/sink.ts'
import { Budget, type UnpackLimits } from '../unpack/limits.ts'
import { type ArchiveFiles, plain, readDocument } from './files.ts'

const MOST_LINKS = 8

/**
 * The files of an image archive, in a workspace under names of our own: an archive may come through a pipe with its table of contents at the
 * end. Its paths are only ever looked up here, so none can lead anywhere.
 */
export class Spool implements TarSink, ArchiveFiles {
  readonly isBorrowed = false
  readonly #workspace: Workspace
  readonly #budget: Budget
  /** Path in the archive to file. */
  readonly #files = new Map<string, string>()
  readonly #links = new Map<string, string>()
  #fd = -1

  constructor(workspace: Workspace, limits: UnpackLimits | undefined) {
    this.#workspace = workspace
    this.#budget = new Budget(workspace.path, limits)
  }

  entry(entry: TarEntry): void {
    this.#budget.charge(entry)
    const path = plain(entry.path)
    if (entry.type === 'file') {
      const file = join(this.#workspace.path, `spool-${this.#budget.entries}`)
      this.#files.set(path, file)
      this.#fd = openSync(file, 'wx', 0o600)
    }
    // Older dockers say with a link that two images share a layer.
    if (entry.type === 'link') this.#links.set(path, plain(entry.linkpath))
    if (entry.type === 'symlink') this.#links.set(path, plain(posix.join(posix.dirname(path), entry.linkpath)))
  }

  data(bytes: Buffer, position: number): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at, bytes.length - at, position + at)
    } catch (error) {
      throw diskFull(error)
    }
  }

  close(): void {
    if (this.#fd !== -1) closeSync(this.#fd)
    this.#fd = -1
  }

  /** Where the content of a file of the archive lies; undefined: it has none of that name. */
  file(path: string): string | undefined {
    let name = plain(path)
    for (let links = 0; links <= MOST_LINKS; links++) {
      const file = this.#files.get(name)
      if (file !== undefined) return file
      const target = this.#links.get(name)
      if (target === undefined) return undefined
      name = target
    }
    return undefined
  }

  /** Errors: RT_ARCHIVE_CORRUPT where it is too large for what it is to be. */
  document(path: string): Buffer | undefined {
    return readDocument(this.file(path), `The archive's ${path}`)
  }
}
