import { closeSync, constants, fchmodSync, fchownSync, ftruncateSync, writeSync } from 'node:fs'
import { errorCode } from '@rt/native'
import { fchmodat, fchownat, mkdirat, mknodat, type Name, openat2, symlinkat, utimensat } from '@rt/native/fsat'
import type { TarEntry } from '../tar/entry.ts'
import { hostile } from '../tar/errors.ts'
import type { TarSink } from '../tar/sink.ts'
import { setAttributes } from './attributes.ts'
import { BENEATH, Directories } from './directories.ts'
import { makeHardLink } from './hard-link.ts'
import type { Budget } from './limits.ts'
import { components, toName } from './path.ts'
import { replacing } from './replace.ts'

const CREATE = {
  flags: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
  mode: 0o600,
  resolve: BENEATH,
}
/** Room of dev_t in the kernel. */
const MAX_MAJOR = 0xfff
const MAX_MINOR = 0xfffff
const MAX_TARGET = 4095

interface OpenFile {
  readonly fd: number
  readonly parent: number
  readonly name: Name
  readonly entry: TarEntry
}

/**
 * Makes the tree of an archive below one directory fd. Every name is created in a directory that is held open and was
 * reached without following a link, so a path of the archive cannot lead outside, whatever links it made before.
 *
 * Device nodes are kept: a root tarball may have them, and they open nothing here (the store is 0700) nor in a container (its cgroup
 * allows devices by number, whoever made the node); the limit of entries bounds a flood of them.
 */
export class TreeWriter implements TarSink {
  readonly #root: number
  readonly #directories: Directories
  readonly #budget: Budget
  readonly #warn: (text: string) => void
  #file: OpenFile | undefined
  /** The entry in work, for messages. */
  current = ''

  /** `root`: fd of an empty directory; stays the caller's. */
  constructor(root: number, budget: Budget, warn: (text: string) => void) {
    this.#root = root
    this.#directories = new Directories(root)
    this.#budget = budget
    this.#warn = warn
  }

  entry(entry: TarEntry): void {
    this.current = entry.path
    this.#budget.charge(entry)
    const parts = components(entry.path, entry.path, this.#budget.maxDepth)
    const last = parts.pop()
    if (last === undefined) this.#describeRoot(entry)
    else this.#make(parts, last, entry)
  }

  #make(parts: string[], last: string, entry: TarEntry): void {
    const parent = this.#directories.enter(parts, entry.path)
    const name = toName(last)
    if (entry.type === 'file') {
      this.#file = { fd: replacing(parent, name, () => openat2(parent, name, CREATE)), parent, name, entry }
    } else if (entry.type === 'dir') this.#directory(parent, last, entry)
    else if (entry.type === 'link') this.#link(parent, [...parts, last], entry)
    else this.#special(parent, name, entry)
  }

  data(bytes: Buffer, position: number): void {
    if (this.#file === undefined) throw new Error('content without a file')
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(this.#file.fd, bytes, at, bytes.length - at, position + at)
    }
  }

  close(): void {
    if (this.#file === undefined) return
    const { fd, parent, name, entry } = this.#file
    if (entry.extents !== undefined) ftruncateSync(fd, entry.size)
    // In this order: a change of owner clears setuid and file capabilities.
    fchownSync(fd, entry.uid, entry.gid)
    fchmodSync(fd, entry.mode)
    this.#xattrs(parent, name, entry)
    utimensat(parent, name, entry.mtime, entry.mtime)
    this.#file = undefined
    closeSync(fd)
  }

  /** The archive is complete: sets the times of the directories that are still open. */
  finish(): void {
    this.#directories.leave()
  }

  /** Closes what is open. */
  abandon(): void {
    if (this.#file !== undefined) closeSync(this.#file.fd)
    this.#file = undefined
    this.#directories.abandon()
  }

  #describeRoot(entry: TarEntry): void {
    if (entry.type !== 'dir') throw hostile(entry.path, 'it would replace the root directory')
    this.#directories.enter([], entry.path)
    this.#attributes(this.#root, '.', this.#root, entry)
    this.#directories.rootTime = entry.mtime
  }

  #directory(parent: number, name: string, entry: TarEntry): void {
    let fd: number
    try {
      mkdirat(parent, toName(name), 0o700)
      fd = this.#directories.descend(name, entry.mtime)
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
      fd = this.#existingDirectory(parent, name, entry)
    }
    this.#attributes(parent, toName(name), fd, entry)
  }

  /** A directory that is there gets the entry's attributes and keeps its content; anything else makes way for it. */
  #existingDirectory(parent: number, name: string, entry: TarEntry): number {
    try {
      return this.#directories.descend(name, entry.mtime)
    } catch (error) {
      const code = errorCode(error)
      if (code !== 'ENOTDIR' && code !== 'ELOOP') throw error
    }
    replacing(parent, toName(name), () => mkdirat(parent, toName(name), 0o700))
    return this.#directories.descend(name, entry.mtime)
  }

  #attributes(parent: number, name: Name, fd: number, entry: TarEntry): void {
    fchownSync(fd, entry.uid, entry.gid)
    fchmodSync(fd, entry.mode)
    this.#xattrs(parent, name, entry)
  }

  #link(parent: number, path: readonly string[], entry: TarEntry): void {
    const source = components(entry.linkpath, entry.path, this.#budget.maxDepth)
    const near = this.#directories.isCurrent(source.slice(0, -1))
    makeHardLink({ root: this.#root, parent, path, source, near, entry })
  }

  #special(parent: number, name: Name, entry: TarEntry): void {
    const { type, linkpath, major, minor, mode, uid, gid, mtime } = entry
    if (type === 'symlink') {
      if (linkpath === '' || linkpath.length > MAX_TARGET || linkpath.includes('\0')) {
        throw hostile(entry.path, 'the target of the symbolic link is empty, too long or has a NUL byte')
      }
      replacing(parent, name, () => symlinkat(toName(linkpath), parent, name))
    } else {
      if (major < 0 || major > MAX_MAJOR || minor < 0 || minor > MAX_MINOR) {
        throw hostile(entry.path, `there is no device ${major}:${minor}`)
      }
      const kind = type === 'fifo' ? constants.S_IFIFO : type === 'char' ? constants.S_IFCHR : constants.S_IFBLK
      replacing(parent, name, () => mknodat(parent, name, kind | 0o600, major, minor))
    }
    fchownat(parent, name, uid, gid)
    if (type !== 'symlink') fchmodat(parent, name, mode)
    this.#xattrs(parent, name, entry)
    utimensat(parent, name, mtime, mtime)
  }

  #xattrs(parent: number, name: Name, entry: TarEntry): void {
    if (entry.xattrs.size > 0) setAttributes(parent, name, entry, this.#warn)
  }
}
