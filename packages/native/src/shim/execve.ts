import { SyscallError } from '../sys/errno.ts'
import { koffi, library } from '../sys/koffi.ts'
import { shimPath } from '../sys/shim-path.ts'
import { environment, keepStandardStreams } from './stage.ts'

type Execve = (path: string, argv: (string | null)[], env: (string | null)[]) => number

/**
 * Does all that can be done before the shim is executed in place of Node; the answer then does that. Same pid, same terminal, none of
 * Node's 40 MB. Node's own descriptors all close.
 *
 * @returns throws SyscallError when the kernel refuses
 */
export const prepareExecve = (words: readonly string[]): (() => never) => {
  const execve = library().func('execve', 'int', ['str', 'const char **', 'const char **']) as unknown as Execve
  keepStandardStreams()
  const path = shimPath()
  const argv = ['rt-shim', ...words, null]
  const env = environment()
  return () => {
    execve(path, argv, env)
    throw new SyscallError('execve', koffi().errno(), path)
  }
}
