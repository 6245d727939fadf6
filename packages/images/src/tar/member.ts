import type { EntryType, SparseExtent, TarEntry } from './entry.ts'
import { corrupt, hostile, shown } from './errors.ts'
import type { Header } from './header.ts'
import { type PaxRecords, paxNumber, paxTime, SPARSE_MAP } from './pax.ts'
import { listedExtents } from './sparse.ts'

export interface MemberParts {
  readonly header: Header
  readonly pax: PaxRecords
  readonly longPath: string | undefined
  readonly longLink: string | undefined
  /** Of a GNU `S` header or of a map before the data; the size counts only for the former. */
  readonly sparse: { readonly extents: readonly SparseExtent[]; readonly size: number } | undefined
  readonly offset: number
}

const TYPES: Readonly<Record<string, EntryType>> = {
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'dir',
  '6': 'fifo',
  '7': 'file',
  S: 'file',
}
const XATTR = 'SCHILY.xattr.'
/** A volume label: no file. */
const LABEL = 'V'
/** -1 means "leave it as it is" to chown(2), so an entry with it would keep root as its owner. */
const MAX_ID = 0xffff_fffe

/** Whether the entry's data begin with a sparse map (GNU format 1.0). */
export const needsDataMap = (pax: PaxRecords): boolean => pax.get('GNU.sparse.major') === '1'

/** Bytes that follow the header, without padding. */
export const storedSize = (header: Header, pax: PaxRecords, offset: number): number => {
  const text = pax.get('size')
  const size = text === undefined ? header.size : paxNumber(text, offset)
  if (size < 0) throw corrupt(`The archive is damaged: the header at byte ${offset} has a negative size.`)
  if (size > Number.MAX_SAFE_INTEGER) throw hostile(header.path, `it claims to have ${size} bytes`)
  return size
}

/** Puts header, extended records and long names together; undefined: nothing to unpack. Errors: RT_ARCHIVE_CORRUPT, _HOSTILE. */
export const makeEntry = ({ header, pax, longPath, longLink, sparse, offset }: MemberParts): TarEntry | undefined => {
  if (header.typeflag === LABEL) return undefined
  const path = pax.get('GNU.sparse.name') ?? pax.get('path') ?? longPath ?? header.path
  const known = TYPES[header.typeflag]
  if (known === undefined) {
    throw corrupt(`The archive's entry ${shown(path)} is of a type that rt does not know (${shown(header.typeflag)}).`)
  }
  // Before POSIX a directory was a file whose name ends with a slash.
  const type = known === 'file' && path.endsWith('/') ? 'dir' : known
  const list = pax.get(SPARSE_MAP)
  const extents = sparse?.extents ?? (list === undefined ? undefined : listedExtents(list, offset))
  const realSize = pax.get('GNU.sparse.realsize') ?? pax.get('GNU.sparse.size')
  let size = type === 'file' ? storedSize(header, pax, offset) : 0
  if (extents !== undefined) size = realSize === undefined ? (sparse?.size ?? size) : paxNumber(realSize, offset)
  if (!Number.isSafeInteger(size) || size < 0) throw hostile(path, `it claims to have ${size} bytes`)
  const time = pax.get('mtime')
  return {
    type,
    path,
    linkpath: pax.get('linkpath') ?? longLink ?? header.linkpath,
    mode: header.mode,
    uid: id(pax.get('uid'), header.uid, path, offset),
    gid: id(pax.get('gid'), header.gid, path, offset),
    mtime: time === undefined ? BigInt(Math.trunc(header.mtime)) * 1_000_000_000n : paxTime(time, offset),
    size,
    major: header.major,
    minor: header.minor,
    xattrs: xattrs(pax),
    ...(extents === undefined ? {} : { extents }),
  }
}

const id = (text: string | undefined, field: number, path: string, offset: number): number => {
  const value = text === undefined ? field : paxNumber(text, offset)
  if (value < 0 || value > MAX_ID) throw hostile(path, `its owner ${value} is no user or group id`)
  return value
}

const NONE: ReadonlyMap<string, Buffer> = new Map()

const xattrs = (pax: PaxRecords): ReadonlyMap<string, Buffer> => {
  let found: Map<string, Buffer> | undefined
  for (const [key, value] of pax) {
    if (!key.startsWith(XATTR)) continue
    found ??= new Map()
    found.set(key.slice(XATTR.length), Buffer.from(value, 'latin1'))
  }
  return found ?? NONE
}
