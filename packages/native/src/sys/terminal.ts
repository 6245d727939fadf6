import { library } from './koffi.ts'

let isatty: ((fd: number) => number) | undefined

/** Whether a descriptor is a terminal. Node's `tty.isatty` would load its whole network stack for it. */
export const isTerminal = (fd: number): boolean => {
  isatty ??= library().func('isatty', 'int', ['int']) as unknown as (fd: number) => number
  return isatty(fd) === 1
}
