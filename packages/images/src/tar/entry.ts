export type EntryType = 'file' | 'link' | 'symlink' | 'char' | 'block' | 'dir' | 'fifo'

/** One stretch of a sparse file that has data; what lies between is a hole. Bytes. */
export interface SparseExtent {
  readonly offset: number
  readonly length: number
}

/**
 * One member of a tar archive. `path` and `linkpath` are byte strings (latin1: one character is one byte), because a file name
 * of Linux is bytes and need not be UTF-8.
 */
export interface TarEntry {
  readonly type: EntryType
  readonly path: string
  /** Target of a symlink, as it is; or the earlier member that a hard link names. */
  readonly linkpath: string
  /** Permission bits and setuid, setgid, sticky. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Nanoseconds since the epoch. */
  readonly mtime: bigint
  /** Size of the file once unpacked, in bytes: more than the archive carries where the file is sparse. */
  readonly size: number
  readonly major: number
  readonly minor: number
  /** Name (text) to value (bytes). */
  readonly xattrs: ReadonlyMap<string, Buffer>
  /** Where the archive's data belong; undefined: from 0 on, in one piece. */
  readonly extents?: readonly SparseExtent[]
}

/** A nameless one of root, without content. */
export const EMPTY_FILE: TarEntry = {
  type: 'file',
  path: '',
  linkpath: '',
  mode: 0,
  uid: 0,
  gid: 0,
  mtime: 0n,
  size: 0,
  major: 0,
  minor: 0,
  xattrs: new Map(),
}
