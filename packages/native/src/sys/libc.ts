import { SyscallError } from './errno.ts'
import { koffi, library } from './koffi.ts'

/** C types of arguments. There is no `ssize_t`: `long` has its size. A Buffer passed as `void *` is shared, not copied. */
export type ArgumentType = 'int' | 'uint' | 'long' | 'size_t' | 'str' | 'void *'
export type Argument = number | bigint | string | Uint8Array | null

/** Calls the C function; `path` only names the object in the error. Errors: SyscallError. */
export type Syscall = (path: string | undefined, ...values: Argument[]) => number

/** Declares a function that answers -1 and errno on failure; bound at its first call, because most runs use few of them. */
export const syscall = (name: string, types: readonly ArgumentType[], result: 'int' | 'long' = 'int'): Syscall => {
  let native: ((...values: Argument[]) => number) | undefined
  return (path, ...values) => {
    native ??= library().func(name, result, [...types])
    const value = native(...values)
    // Nothing may come between the call and this: any other call into C, even V8's, may set errno.
    if (value === -1) throw new SyscallError(name, koffi().errno(), path)
    return value
  }
}

/**
 * A system call without a wrapper in older C libraries, by number. syscall(2) is variadic, but its arguments are integers and pointers,
 * which are passed alike on every 64-bit Linux.
 */
export const rawSyscall = (name: string, number: number, types: readonly ArgumentType[]): Syscall => {
  let native: ((...values: Argument[]) => number) | undefined
  return (path, ...values) => {
    native ??= library().func('syscall', 'long', ['long', ...types])
    const value = native(number, ...values)
    if (value === -1) throw new SyscallError(name, koffi().errno(), path)
    return value
  }
}
