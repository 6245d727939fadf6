import { type BigIntStats, closeSync, fstatSync } from 'node:fs'
import { linkTarget, namesOf, nodeAttribute, nodeAttributes, openNode } from '@rt/native/fsat'
import type { EntryType, TarEntry } from '../tar/entry.ts'
import { toName } from '../unpack/path.ts'

/** One file of a tree that is read, held by a descriptor. Names are byte strings (latin1). */
export interface Node {
  readonly fd: number
  readonly stat: BigIntStats
  /** Names of a directory, sorted. */
  names(): string[]
  /** undefined: there is none of that name, or no longer. The caller closes it. */
  open(name: string): Node | undefined
  close(): void
}

/** Takes `fd` over. */
export const plainNode = (fd: number): Node => ({
  fd,
  stat: fstatSync(fd, { bigint: true }),
  names: () => namesOf(fd),
  open: (name) => {
    const child = openNode(fd, toName(name))
    return child === undefined ? undefined : plainNode(child)
  },
  close: () => closeSync(fd),
})

const TYPES: ReadonlyMap<number, EntryType> = new Map([
  [0o010000, 'fifo'],
  [0o020000, 'char'],
  [0o040000, 'dir'],
  [0o060000, 'block'],
  [0o100000, 'file'],
  [0o120000, 'symlink'],
])

/** undefined: a socket, which belongs to the process that listens and which no archive can hold. */
export const typeOf = (stat: BigIntStats): EntryType | undefined => TYPES.get(Number(stat.mode) & 0o170000)

/** A character device 0/0 is how overlayfs says that a name is gone. */
export const isWhiteout = (stat: BigIntStats): boolean => typeOf(stat) === 'char' && stat.rdev === 0n

/** overlayfs: nothing of the directories below is seen through this one. */
export const isOpaque = (fd: number): boolean => nodeAttribute(fd, 'trusted.overlay.opaque')?.toString() === 'y'

/** What the tar entry of a node says, under the name `path`; undefined for what no archive can hold. */
export const entryOf = ({ fd, stat }: Pick<Node, 'fd' | 'stat'>, path: string): TarEntry | undefined => {
  const type = typeOf(stat)
  if (type === undefined) return undefined
  return {
    type,
    path,
    linkpath: type === 'symlink' ? linkTarget(fd) : '',
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mtime: stat.mtimeNs,
    size: type === 'file' ? Number(stat.size) : 0,
    ...(type === 'char' || type === 'block' ? deviceOf(stat.rdev) : { major: 0, minor: 0 }),
    xattrs: attributesOf(fd),
  }
}

/** glibc's gnu_dev_major and gnu_dev_minor. */
const deviceOf = (rdev: bigint): { major: number; minor: number } => ({
  major: Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn)),
  minor: Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n)),
})

/** All but what belongs to overlayfs, and the labels of the host's security modules (file capabilities are the program's own). */
export const attributesOf = (fd: number): ReadonlyMap<string, Buffer> => {
  const found = new Map<string, Buffer>()
  for (const name of nodeAttributes(fd)) {
    if (/^(?:trusted|user)\.overlay\./.test(name)) continue
    if (name.startsWith('security.') && name !== 'security.capability') continue
    const value = nodeAttribute(fd, toName(name))
    if (value !== undefined) found.set(name, value)
  }
  return found
}
