import { library } from './koffi.ts'

let names: Map<number, string> | undefined

/** `ENOENT` of 2; `E` and the number where Node does not know it (EUCLEAN and other rare ones). */
export const errnoName = (errno: number): string => {
  // Asked for here, because a start in which nothing goes wrong does not need the module.
  names ??= new Map(
    Object.entries(process.getBuiltinModule('node:os').constants.errno).map(([name, number]) => [
      number,
      canonical(name),
    ]),
  )
  return names.get(errno) ?? `E${errno}`
}

/** Two numbers have two names each: one of them, so that a table of causes needs only one entry. */
const canonical = (name: string): string =>
  name === 'ENOTSUP' ? 'EOPNOTSUPP' : name === 'EWOULDBLOCK' ? 'EAGAIN' : name

let strerror: ((errno: number) => string) | undefined

/** The C library's text of an errno: `No such file or directory`. */
export const errnoText = (errno: number): string => {
  strerror ??= library().func('strerror', 'str', ['int']) as unknown as (errno: number) => string
  return strerror(errno)
}

/** A system call that failed. `code` is the errno's name, as in the errors of Node's own fs. */
export class SyscallError extends Error {
  readonly errno: number
  readonly code: string
  readonly syscall: string
  readonly path: string | undefined

  constructor(syscall: string, errno: number, path?: string) {
    super(`${syscall}${path === undefined ? '' : ` ${path}`}: ${errnoText(errno)}`)
    this.name = 'SyscallError'
    this.errno = errno
    this.code = errnoName(errno)
    this.syscall = syscall
    this.path = path
  }
}

/** The errno's name of any system error, ours or Node's (which says ENOTSUP for EOPNOTSUPP); undefined for everything else. */
export const errorCode = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? canonical(code) : undefined
}
