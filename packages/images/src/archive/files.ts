import { readFileSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { corrupt } from '../tar/errors.ts'

/** The files of an image archive, wherever they lie. Its paths are only ever looked up, so none can lead anywhere. */
export interface ArchiveFiles {
  /** Where the content of a file lies; undefined: there is none of that name. */
  file(path: string): string | undefined
  /** Errors: RT_ARCHIVE_CORRUPT where it is too large for what it is to be. */
  document(path: string): Buffer | undefined
  /** Whether the files are somebody's: they are copied into the store then, and else moved. */
  readonly isBorrowed: boolean
}

/** Manifests and configs; a layer is never read whole. */
const MOST_DOCUMENT = 8 << 20

/** `name`: for the sentence. Errors: RT_ARCHIVE_CORRUPT. */
export const readDocument = (file: string | undefined, name: string): Buffer | undefined => {
  if (file === undefined) return undefined
  if (statSync(file).size > MOST_DOCUMENT) throw corrupt(`${name} is too large for a document.`)
  return readFileSync(file)
}

/** A path of an archive as it is looked up. */
export const plain = (path: string): string =>
  posix
    .normalize(path)
    .replace(/^(?:\.?\/)+/, '')
    .replace(/\/+$/, '')
