import { chmodSync, closeSync, constants, fchmodSync, fchownSync, fstatSync, ftruncateSync, writeSync } from 'node:fs'
import { errorCode } from '@rt/native'
import {
  chownNode,
  fdPath,
  mkdirat,
  mknodat,
  type Name,
  openat2,
  openNode,
  setNodeAttribute,
  symlinkat,
  touchNode,
} from '@rt/native/fsat'
import type { TarEntry } from '../tar/entry.ts'
import { hostile } from '../tar/errors.ts'
import type { TarSink } from '../tar/sink.ts'
import { setAttributes } from './attributes.ts'
import { BENEATH, Directories } from './directories.ts'
import { makeHardLink } from './hard-link.ts'
import type { Allowance } from './limits.ts'
import { components, toName } from './path.ts'
import { type Remove, removeAt, replacing } from './replace.ts'

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
  readonly entry: TarEntry
}

/** How the writer treats what is there already. */
export interface Existing {
  /** Takes away what is in the way. A directory in the way of a directory never is: the two become one. */
  readonly remove: Remove
  /** Whether the archive's `./` describes the root directory itself. */
  readonly describeRoot: boolean
}

/** The later entry of an archive counts. */
const REPLACE: Existing = { remove: removeAt, describeRoot: true }

/**
 * Makes the tree of an archive below one directory fd. Every name is created in a directory that is held open and was
 * reached without following a link, so a path of the archive cannot lead outside, whatever links it made before. Owner, mode, attributes
 * and times go to what is open, not to its name: in a running container the name may be a link by then.
 *
 * Device nodes are kept: a root tarball may have them, and they open nothing here (the store is 0700) nor in a container (its cgroup
 * allows devices by number, whoever made the node); the limit of entries bounds a flood of them.
 */
export class TreeWriter implements TarSink {
  readonly #root: number
  readonly #directories: Directories
  readonly #budget: Allowance
  readonly #warn: (text: string) => void
  readonly #existing: Existing
  #file: OpenFile | undefined
  /** The entry in work, for messages. */
  current = ''

  /** `root`: fd of a directory; stays the caller's. */
  constructor(root: number, budget: Allowance, warn: (text: string) => void, existing: Existing = REPLACE) {
    this.#root = root
    this.#directories = new Directories(root)
    this.#budget = budget
    this.#warn = warn
    this.#existing = existing
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
      this.#file = { fd: this.#replacing(parent, name, () => openat2(parent, name, CREATE)), entry }
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
    const { fd, entry } = this.#file
    if (entry.extents !== undefined) ftruncateSync(fd, entry.size)
    // In this order: a change of owner clears setuid and file capabilities.
    fchownSync(fd, entry.uid, entry.gid)
    fchmodSync(fd, entry.mode)
    this.#xattrs(fd, entry)
    touchNode(fd, entry.mtime)
    this.#file = undefined
    closeSync(fd)
  }

  /** Marks a directory as overlayfs does where nothing of the layers below is to be seen in it. */
  makeOpaque(path: string): void {
    this.current = path
    const fd = this.#directories.enter(components(path, path, this.#budget.maxDepth), path)
    setNodeAttribute(fd, 'trusted.overlay.opaque', Buffer.from('y'))
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
    if (!this.#existing.describeRoot) return
    this.#attributes(this.#root, entry)
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
    this.#attributes(fd, entry)
  }

  /** A directory that is there gets the entry's attributes and keeps its content; anything else makes way for it. */
  #existingDirectory(parent: number, name: string, entry: TarEntry): number {
    try {
      return this.#directories.descend(name, entry.mtime)
    } catch (error) {
      const code = errorCode(error)
      if (code !== 'ENOTDIR' && code !== 'ELOOP') throw error
    }
    replacing(parent, toName(name), () => mkdirat(parent, toName(name), 0o700), this.#existing.remove, true)
    return this.#directories.descend(name, entry.mtime)
  }

  #attributes(fd: number, entry: TarEntry): void {
    fchownSync(fd, entry.uid, entry.gid)
    fchmodSync(fd, entry.mode)
    this.#xattrs(fd, entry)
  }

  #link(parent: number, path: readonly string[], entry: TarEntry): void {
    const source = components(entry.linkpath, entry.path, this.#budget.maxDepth)
    const near = this.#directories.isCurrent(source.slice(0, -1))
    makeHardLink({ root: this.#root, parent, path, source, near, entry, remove: this.#existing.remove })
  }

  #special(parent: number, name: Name, entry: TarEntry): void {
    const { type, linkpath, major, minor } = entry
    if (type === 'symlink') {
      if (linkpath === '' || linkpath.length > MAX_TARGET || linkpath.includes('\0')) {
        throw hostile(entry.path, 'the target of the symbolic link is empty, too long or has a NUL byte')
      }
      this.#replacing(parent, name, () => symlinkat(toName(linkpath), parent, name))
    } else {
      if (major < 0 || major > MAX_MAJOR || minor < 0 || minor > MAX_MINOR) {
        throw hostile(entry.path, `there is no device ${major}:${minor}`)
      }
      this.#replacing(parent, name, () => mknodat(parent, name, KINDS[type] | 0o600, major, minor))
    }
    this.#describe(parent, name, entry)
  }

  /** What was just made; whatever somebody has put in its place meanwhile is left alone. */
  #describe(parent: number, name: Name, entry: TarEntry): void {
    const fd = openNode(parent, name)
    if (fd === undefined) return
    try {
      if ((fstatSync(fd).mode & constants.S_IFMT) !== KINDS[entry.type]) return
      chownNode(fd, entry.uid, entry.gid)
      if (entry.type !== 'symlink') chmodSync(fdPath(fd), entry.mode)
      this.#xattrs(fd, entry)
      touchNode(fd, entry.mtime)
    } finally {
      closeSync(fd)
    }
  }

  #replacing<T>(parent: number, name: Name, make: () => T): T {
    return replacing(parent, name, make, this.#existing.remove)
  }

  #xattrs(fd: number, entry: TarEntry): void {
    if (entry.xattrs.size > 0) setAttributes(fd, entry, this.#warn)
  }
}

const KINDS = {
  file: constants.S_IFREG,
  link: constants.S_IFREG,
  dir: constants.S_IFDIR,
  symlink: constants.S_IFLNK,
  char: constants.S_IFCHR,
  block: constants.S_IFBLK,
  fifo: constants.S_IFIFO,
} as const
