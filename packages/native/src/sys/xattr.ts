import { errorCode } from './errno.ts'
import { bytes, type Name, text } from './fsat.ts'
import { syscall } from './libc.ts'

const setCall = syscall('lsetxattr', ['void *', 'void *', 'void *', 'size_t', 'int'])
const getCall = syscall('lgetxattr', ['void *', 'void *', 'void *', 'size_t'], 'long')
const listCall = syscall('llistxattr', ['void *', 'void *', 'size_t'], 'long')

/**
 * A path for the calls that take no directory fd: the kernel's own link to the directory, then the name, which is not followed.
 * `name` is bytes or text without a slash.
 */
export const pathAt = (directory: number, name: Name): Name =>
  typeof name === 'string'
    ? `/proc/self/fd/${directory}/${name}`
    : Buffer.concat([Buffer.from(`/proc/self/fd/${directory}/`), name])

/** Sets an extended attribute without following a link. Errors: SyscallError; EOPNOTSUPP where the file system has none. */
export const lsetxattr = (path: Name, attribute: Name, value: Uint8Array): void => {
  setCall(`${text(path)} (${text(attribute)})`, bytes(path), bytes(attribute), value, value.length, 0)
}

/** undefined: the attribute is not there, or the file system has none. */
export const lgetxattr = (path: Name, attribute: Name): Buffer | undefined =>
  read((buffer) => getCall(`${text(path)} (${text(attribute)})`, bytes(path), bytes(attribute), buffer, buffer.length))

/** The attributes' names. */
export const llistxattr = (path: Name): string[] =>
  (read((buffer) => listCall(text(path), bytes(path), buffer, buffer.length)) ?? Buffer.alloc(0))
    .toString('utf8')
    .split('\0')
    .filter((name) => name !== '')

const read = (call: (buffer: Buffer) => number): Buffer | undefined => {
  // 64 KiB is the kernel's own limit (XATTR_SIZE_MAX, XATTR_LIST_MAX).
  const buffer = Buffer.alloc(65536)
  try {
    return buffer.subarray(0, call(buffer))
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENODATA' || code === 'EOPNOTSUPP') return undefined
    throw error
  }
}
