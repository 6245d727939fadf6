import { SyscallError } from '../sys/errno.ts'
import { koffi, library } from '../sys/koffi.ts'
import { shimPath } from './path.ts'
import { environment, keepStandardStreams } from './stage.ts'

type Execve = (path: string, argv: (string | null)[], env: (string | null)[]) => number
let call: Execve | undefined

/**
 * Executes the shim in place of Node. What costs time is done before `last`, which is called right before.
 *
 * @throws SyscallError when the kernel refuses, with everything as it was
 */
export const execveShim = (words: readonly string[], last: () => void): never => {
  call ??= library().func('execve', 'int', ['str', 'const char **', 'const char **']) as unknown as Execve
  keepStandardStreams()
  const path = shimPath()
  const argv = ['rt-shim', ...words, null]
  const env = environment()
  last()
  call(path, argv, env)
  throw new SyscallError('execve', koffi().errno(), path)
}
