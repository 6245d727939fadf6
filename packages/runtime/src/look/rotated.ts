import { statSync } from 'node:fs'
import { LineFile } from './lines.ts'

/**
 * Files that are rotated by renaming: `log`, before it `log.1`, before that `log.2`, up to a number beyond which they are removed. Its files are
 * held open and known by their inodes, so that however often they are renamed while they are read, none is read twice and none is
 * missed that was there when it was looked for.
 */
export class RotatedFiles {
  readonly #path: string
  /** Oldest first; the first is being read. */
  #files: LineFile[]

  constructor(path: string) {
    this.#path = path
    this.#files = openNewer(path)
  }

  /** Newest first, as far as they are not read yet. */
  get newestFirst(): readonly LineFile[] {
    return this.#files.toReversed()
  }

  /** Forgets every file that is older than this one. */
  dropBefore(file: LineFile): void {
    while (this.#files[0] && this.#files[0] !== file) this.#files.shift()?.close()
  }

  /** Only what comes from now on. */
  skipAll(): void {
    const last = this.#files.at(-1)
    if (last) this.dropBefore(last)
    last?.skipAll()
  }

  /** The lines of the next block, which may be none; undefined: there is nothing more for now. */
  read(): string[] | undefined {
    for (;;) {
      const [file] = this.#files
      const lines = file?.read()
      if (lines) {
        // Held before it can be renamed beyond the last number, however long reading takes us.
        this.#holdNewer()
        return lines
      }
      // The file that has been rotated away gets nothing more; it was read to its end after its successor had been seen.
      if (file && this.#files.length > 1) this.#files.shift()?.close()
      else if (!this.#holdNewer()) return undefined
    }
  }

  /** Whether there were any. */
  #holdNewer(): boolean {
    const last = this.#files.at(-1)
    if (last && inodeOf(this.#path) === last.inode) return false
    const newer = openNewer(this.#path, last?.inode)
    this.#files.push(...newer)
    return newer.length > 0
  }

  close(): void {
    for (const file of this.#files) file.close()
    this.#files = []
  }
}

const inodeOf = (path: string): bigint | undefined => statSync(path, { bigint: true, throwIfNoEntry: false })?.ino

/**
 * The files that are newer than the one of inode `than` (undefined: all), oldest first. Opened from the newest on: a rotation meanwhile shows
 * the same file again under the next number, where the other direction would skip one.
 */
const openNewer = (path: string, than?: bigint): LineFile[] => {
  for (;;) {
    const newestFirst: LineFile[] = []
    const before = inodeOf(path)
    // In the middle of a rotation one number is missing.
    for (let number = 0, missing = 0; missing < 2; number++) {
      const file = LineFile.open(number === 0 ? path : `${path}.${number}`)
      if (!file) {
        missing++
        continue
      }
      missing = 0
      if (file.inode === than) {
        file.close()
        break
      }
      if (newestFirst.some(({ inode }) => inode === file.inode)) file.close()
      else newestFirst.push(file)
    }
    if (inodeOf(path) === before) return newestFirst.reverse()
    for (const file of newestFirst) file.close()
  }
}
