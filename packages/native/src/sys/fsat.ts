import { SyscallError } from './errno.ts'
import { type Argument, rawSyscall, syscall } from './libc.ts'

/**
 * File operations relative to a directory fd, for trees whose content nobody vouches for: a name without a slash below an fd that
 * `openat2` has opened cannot be led elsewhere by a symlink, while a path can (CVE-2019-14271, CVE-2021-30465 and many more).
 * Names are text, or bytes where an archive's names are not UTF-8. Errors: SyscallError.
 */
export type Name = string | Uint8Array

export const AT_SYMLINK_NOFOLLOW = 0x100
export const AT_REMOVEDIR = 0x200

export const RESOLVE_NO_MAGICLINKS = 0x02
export const RESOLVE_NO_SYMLINKS = 0x04
export const RESOLVE_BENEATH = 0x08
export const RESOLVE_IN_ROOT = 0x10

const openat2Call = rawSyscall('openat2', 437, ['int', 'void *', 'void *', 'size_t'])
const mkdiratCall = syscall('mkdirat', ['int', 'void *', 'uint'])
const mknodatCall = syscall('mknodat', ['int', 'void *', 'uint', 'size_t'])
const fchownatCall = syscall('fchownat', ['int', 'void *', 'uint', 'uint', 'int'])
const symlinkatCall = syscall('symlinkat', ['void *', 'int', 'void *'])
const linkatCall = syscall('linkat', ['int', 'void *', 'int', 'void *', 'int'])
const renameatCall = syscall('renameat', ['int', 'void *', 'int', 'void *'])
const unlinkatCall = syscall('unlinkat', ['int', 'void *', 'int'])
const utimensatCall = syscall('utimensat', ['int', 'void *', 'void *', 'int'])
const fchmodCall = syscall('fchmod', ['int', 'uint'])
const fchmodatCall = syscall('fchmodat', ['int', 'void *', 'uint', 'int'])
const fchownCall = syscall('fchown', ['int', 'uint', 'uint'])

export interface OpenHow {
  /** `fs.constants.O_*`; O_CLOEXEC is always added. */
  readonly flags: number
  readonly mode?: number
  /** `RESOLVE_*` */
  readonly resolve?: number
}

/** Opens `path` below `directory` and answers the fd, which the caller closes with `fs.closeSync`. Linux 5.6. */
export const openat2 = (directory: number, path: Name, { flags, mode = 0, resolve = 0 }: OpenHow): number => {
  const how = Buffer.alloc(24)
  how.writeBigUInt64LE(BigInt(flags | O_CLOEXEC), 0)
  how.writeBigUInt64LE(BigInt(mode), 8)
  how.writeBigUInt64LE(BigInt(resolve), 16)
  return at(openat2Call, path, directory, bytes(path), how, how.length)
}

const O_CLOEXEC = 0o2000000

/** The umask applies, as to all of these; `fchmodat` afterwards gives exact modes. */
export const mkdirat = (directory: number, name: Name, mode: number): void => {
  at(mkdiratCall, name, directory, bytes(name), mode)
}

/** `mode` with its file type: `fs.constants.S_IFCHR | 0o666`; S_IFIFO and S_IFSOCK ignore the numbers. */
export const mknodat = (directory: number, name: Name, mode: number, major = 0, minor = 0): void => {
  at(mknodatCall, name, directory, bytes(name), mode, deviceNumber(major, minor))
}

/** Never follows a link in the last component. */
export const fchownat = (directory: number, name: Name, uid: number, gid: number): void => {
  at(fchownatCall, name, directory, bytes(name), uid, gid, AT_SYMLINK_NOFOLLOW)
}

export const fchown = (fd: number, uid: number, gid: number): void => {
  fchownCall(undefined, fd, uid, gid)
}

export const symlinkat = (target: Name, directory: number, name: Name): void => {
  at(symlinkatCall, name, bytes(target), directory, bytes(name))
}

/** A hard link; a symlink as `from` is linked itself, not what it points to. */
export const linkat = (fromDirectory: number, from: Name, directory: number, name: Name): void => {
  at(linkatCall, name, fromDirectory, bytes(from), directory, bytes(name), 0)
}

export const renameat = (fromDirectory: number, from: Name, directory: number, name: Name): void => {
  at(renameatCall, name, fromDirectory, bytes(from), directory, bytes(name))
}

/** `flags`: AT_REMOVEDIR for a directory. */
export const unlinkat = (directory: number, name: Name, flags = 0): void => {
  at(unlinkatCall, name, directory, bytes(name), flags)
}

/** Times in nanoseconds since the epoch. Never follows a link in the last component. */
export const utimensat = (directory: number, name: Name, accessed: bigint, modified: bigint): void => {
  const times = Buffer.alloc(32)
  writeTimespec(times, 0, accessed)
  writeTimespec(times, 16, modified)
  at(utimensatCall, name, directory, bytes(name), times, AT_SYMLINK_NOFOLLOW)
}

export const fchmod = (fd: number, mode: number): void => {
  fchmodCall(undefined, fd, mode)
}

/** Follows a link in the last component, because fchmodat(2) can do nothing else: only for what is known to be none. */
export const fchmodat = (directory: number, name: Name, mode: number): void => {
  at(fchmodatCall, name, directory, bytes(name), mode, 0)
}

/** Ends a name with NUL, and refuses one that has it inside: C would read another, shorter name. */
export const bytes = (name: Name): Uint8Array => {
  const data = typeof name === 'string' ? Buffer.from(`${name}\0`) : Buffer.concat([name, NUL])
  if (data.indexOf(0) !== data.length - 1) throw new SyscallError('name', EINVAL, text(name))
  return data
}

/** For error messages. */
export const text = (name: Name): string => (typeof name === 'string' ? name : Buffer.from(name).toString('utf8'))

const NUL = Buffer.alloc(1)
const EINVAL = 22

const at = (call: ReturnType<typeof syscall>, name: Name, ...values: Argument[]): number => {
  try {
    return call(undefined, ...values)
  } catch (error) {
    // The name is decoded only now: thousands of files are made for one that fails.
    throw error instanceof SyscallError ? new SyscallError(error.syscall, error.errno, text(name)) : error
  }
}

/** glibc's makedev(3): 12 + 20 bits of minor and major interleaved. */
export const deviceNumber = (major: number, minor: number): bigint => {
  const [a, i] = [BigInt(major), BigInt(minor)]
  return ((a & 0xfffn) << 8n) | ((a & ~0xfffn) << 32n) | (i & 0xffn) | ((i & ~0xffn) << 12n)
}

const SECOND = 1_000_000_000n

/** Floors towards the past, so that a time before 1970 keeps its nanoseconds positive. */
export const writeTimespec = (buffer: Buffer, offset: number, nanoseconds: bigint): void => {
  const rest = ((nanoseconds % SECOND) + SECOND) % SECOND
  buffer.writeBigInt64LE((nanoseconds - rest) / SECOND, offset)
  buffer.writeBigInt64LE(rest, offset + 8)
}
