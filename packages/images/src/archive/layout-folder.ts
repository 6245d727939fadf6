import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type ArchiveFiles, readDocument } from './files.ts'

/** What an OCI layout may have; nothing that a document says leads to any other file of the machine. */
const NAMES = /^(?:oci-layout|index\.json|manifest\.json|blobs\/sha256\/[0-9a-f]{64})$/

/** An OCI layout that lies unpacked in a folder. */
export class LayoutFolder implements ArchiveFiles {
  readonly isBorrowed: boolean
  readonly #path: string

  /** `isOwn`: nobody else knows of the folder, so that its files may be moved into the store. */
  constructor(path: string, { isOwn = false }: { readonly isOwn?: boolean } = {}) {
    this.#path = path
    this.isBorrowed = !isOwn
  }

  file(path: string): string | undefined {
    if (!NAMES.test(path)) return undefined
    const file = join(this.#path, path)
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? file : undefined
  }

  document(path: string): Buffer | undefined {
    return readDocument(this.file(path), `The layout's ${path}`)
  }
}
