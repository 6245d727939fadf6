import { constants, fstatSync, readdirSync, readFileSync } from 'node:fs'
import { errorCode } from './errno.ts'
import {
  bytes,
  type Name,
  openat2,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  writeTimespec,
} from './fsat.ts'
import { syscall } from './libc.ts'

/**
 * One file, held by a descriptor that only names it (O_PATH). While a container runs, a name in its tree may mean a file now and a link
 * or a device a moment later; whoever looks at a node, then opens and changes that same node, cannot be led from one to the other.
 */
export const O_PATH = 0o10000000

const AT_FDCWD = -100
const AT_EMPTY_PATH = 0x1000

const fchownatCall = syscall('fchownat', ['int', 'void *', 'uint', 'uint', 'int'])
const utimensatCall = syscall('utimensat', ['int', 'void *', 'void *', 'int'])
const readlinkatCall = syscall('readlinkat', ['int', 'void *', 'void *', 'size_t'], 'long')
const lseekCall = syscall('lseek', ['int', 'long', 'int'], 'long')
const setxattrCall = syscall('setxattr', ['void *', 'void *', 'void *', 'size_t', 'int'])
const getxattrCall = syscall('getxattr', ['void *', 'void *', 'void *', 'size_t'], 'long')
const listxattrCall = syscall('listxattr', ['void *', 'void *', 'size_t'], 'long')

/** The kernel's own link to what is open: it leads to exactly that, be it a symlink, and nowhere else. */
export const fdPath = (fd: number): string => `/proc/self/fd/${fd}`

/** What has this name, itself and not what it links to; undefined: nothing. `name` has no slash. */
export const openNode = (directory: number, name: Name): number | undefined => {
  try {
    const resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS
    return openat2(directory, name, { flags: O_PATH | constants.O_NOFOLLOW, resolve })
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The mount that what is open was reached through. */
export const mountId = (fd: number): string =>
  /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? ''

/** Names in the directory as byte strings (latin1), in the order of their bytes. */
export const namesOf = (fd: number): string[] =>
  readdirSync(fdPath(fd), { encoding: 'buffer' })
    .map((name) => name.toString('latin1'))
    .sort()

/** The target of the symlink as a byte string (latin1). */
export const linkTarget = (fd: number): string => {
  const buffer = Buffer.alloc(4096)
  return buffer.toString('latin1', 0, readlinkatCall(fdPath(fd), fd, NO_NAME, buffer, buffer.length))
}

export const chownNode = (fd: number, uid: number, gid: number): void => {
  fchownatCall(fdPath(fd), fd, NO_NAME, uid, gid, AT_EMPTY_PATH)
}

/** Modification and access time, nanoseconds since the epoch. */
export const touchNode = (fd: number, time: bigint): void => {
  const times = Buffer.alloc(32)
  writeTimespec(times, 0, time)
  writeTimespec(times, 16, time)
  utimensatCall(fdPath(fd), AT_FDCWD, bytes(fdPath(fd)), times, 0)
}

/** Errors: EOPNOTSUPP where the file system has no attributes of that kind. */
export const setNodeAttribute = (fd: number, attribute: Name, value: Uint8Array): void => {
  setxattrCall(`${fdPath(fd)} (${attribute})`, bytes(fdPath(fd)), bytes(attribute), value, value.length, 0)
}

/** undefined: it is not there, or the file system has none. */
export const nodeAttribute = (fd: number, attribute: Name): Buffer | undefined => {
  const length = orNone(() => getxattrCall(fdPath(fd), bytes(fdPath(fd)), bytes(attribute), SCRATCH, SCRATCH.length))
  return length === undefined ? undefined : Buffer.from(SCRATCH.subarray(0, length))
}

/** Names of its extended attributes as byte strings (latin1). */
export const nodeAttributes = (fd: number): string[] => {
  const length = orNone(() => listxattrCall(fdPath(fd), bytes(fdPath(fd)), SCRATCH, SCRATCH.length)) ?? 0
  return length === 0 ? [] : SCRATCH.toString('latin1', 0, length - 1).split('\0')
}

/** Where an open file has data; what lies between are holes. Bytes. */
export const dataExtents = (fd: number): { readonly offset: number; readonly length: number }[] => {
  const { size } = fstatSync(fd)
  const extents = []
  for (let at = 0; at < size; ) {
    const start = seek(fd, at, SEEK_DATA)
    if (start === undefined || start >= size) break
    at = Math.min(seek(fd, start, SEEK_HOLE) ?? size, size)
    extents.push({ offset: start, length: at - start })
  }
  return extents
}

const SEEK_DATA = 3
const SEEK_HOLE = 4

/** undefined: there is no more of it. */
const seek = (fd: number, from: number, whence: number): number | undefined => {
  try {
    return Number(lseekCall(undefined, fd, from, whence))
  } catch (error) {
    if (errorCode(error) === 'ENXIO') return undefined
    throw error
  }
}

const orNone = (call: () => number): number | undefined => {
  try {
    return call()
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENODATA' || code === 'EOPNOTSUPP') return undefined
    throw error
  }
}

const NO_NAME = Buffer.alloc(1)
/** 64 KiB is the kernel's own limit (XATTR_SIZE_MAX, XATTR_LIST_MAX); one for all calls, because they are synchronous. */
const SCRATCH = Buffer.alloc(65536)
