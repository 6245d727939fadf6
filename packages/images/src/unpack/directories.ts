import { closeSync, constants, fstatSync } from 'node:fs'
import { errorCode } from '@rt/native'
import {
  mkdirat,
  openat2,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  touchNode,
} from '@rt/native/fsat'
import { hostile } from '../tar/errors.ts'
import { toName } from './path.ts'

export const BENEATH = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS
// Without O_NOFOLLOW: RESOLVE_NO_SYMLINKS forbids a link at the end as well, and says ELOOP where O_NOFOLLOW would say ENOTDIR.
const OPEN_DIRECTORY = { flags: constants.O_RDONLY | constants.O_DIRECTORY, resolve: BENEATH }

interface Level {
  readonly name: string
  readonly fd: number
  /** Put back when the directory is left, because what is made inside it changes it; undefined: leave it. */
  readonly mtime: bigint | undefined
}

/**
 * The open directories from the root down to where the archive writes now. Archives go through their tree in order, so most entries
 * find their parent open, and a directory's time can be set when it is left: nothing is remembered for the end.
 */
export class Directories {
  readonly #levels: Level[] = []
  readonly #root: number
  #rootTime: bigint | undefined

  /** `root`: fd of the new root directory, which stays the caller's. */
  constructor(root: number) {
    this.#root = root
  }

  /** The fd of the directory `parts`, made as 0755 where the archive left it out. Errors: RT_ARCHIVE_HOSTILE below a link or file. */
  enter(parts: readonly string[], entry: string): number {
    let shared = 0
    while (shared < parts.length && this.#levels[shared]?.name === parts[shared]) shared++
    this.leave(shared)
    for (let depth = shared; depth < parts.length; depth++) {
      const name = parts[depth] ?? ''
      this.#levels.push(this.#openOrMake(name, parts.slice(0, depth + 1).join('/'), entry))
    }
    return this.#top
  }

  /** Whether `enter(parts)` would open nothing. */
  isCurrent(parts: readonly string[]): boolean {
    return parts.length === this.#levels.length && parts.every((part, index) => this.#levels[index]?.name === part)
  }

  /** Goes down into a directory of the current one that the archive has just described. Answers its fd. */
  descend(name: string, mtime: bigint): number {
    const fd = openat2(this.#top, toName(name), OPEN_DIRECTORY)
    this.#levels.push({ name, fd, mtime })
    return fd
  }

  set rootTime(mtime: bigint) {
    this.#rootTime = mtime
  }

  /** Closes all below `depth`; without one everything, and gives the root its time. */
  leave(depth = -1): void {
    while (this.#levels.length > Math.max(0, depth)) {
      const level = this.#levels.pop() as Level
      if (level.mtime !== undefined) touchNode(level.fd, level.mtime)
      closeSync(level.fd)
    }
    if (depth === -1 && this.#rootTime !== undefined) touchNode(this.#root, this.#rootTime)
  }

  /** Closes everything and sets nothing: the tree is thrown away. */
  abandon(): void {
    for (const { fd } of this.#levels.splice(0)) closeSync(fd)
  }

  get #top(): number {
    return this.#levels.at(-1)?.fd ?? this.#root
  }

  #openOrMake(name: string, path: string, entry: string): Level {
    try {
      const fd = openat2(this.#top, toName(name), OPEN_DIRECTORY)
      return { name, fd, mtime: fstatSync(fd, { bigint: true }).mtimeNs }
    } catch (error) {
      const code = errorCode(error)
      // NO_SYMLINKS answers ELOOP for a link, O_DIRECTORY answers ENOTDIR for everything else that is no directory.
      if (code === 'ELOOP')
        throw hostile(entry, `it lies below ${JSON.stringify(path)}, which is a symbolic link`, error)
      if (code === 'ENOTDIR')
        throw hostile(entry, `it lies below ${JSON.stringify(path)}, which is no directory`, error)
      if (code !== 'ENOENT') throw error
    }
    mkdirat(this.#top, toName(name), 0o755)
    return { name, fd: openat2(this.#top, toName(name), OPEN_DIRECTORY), mtime: undefined }
  }
}
