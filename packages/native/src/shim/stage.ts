import { closeSync } from 'node:fs'
import { SyscallError } from '../sys/errno.ts'
import { library } from '../sys/koffi.ts'
import { syscall } from '../sys/libc.ts'
import { setCloseOnExec } from '../sys/lock.ts'
import { shimPath } from './path.ts'

/** The container's first process in waiting: it has joined the cgroups, or is still joining them. */
export interface Stage {
  /** Our end of its socket, closed at execve unless that is taken off. */
  readonly socket: number
  /** It ends by itself when its socket closes. */
  cancel(): void
}

const AF_UNIX = 1
const SOCK_SEQPACKET_CLOEXEC = 5 | 0o2000000
const socketpair = syscall('socketpair', ['int', 'int', 'int', 'void *'])

type Spawn = (
  pid: Buffer,
  path: string,
  actions: null,
  attributes: null,
  argv: (string | null)[],
  env: (string | null)[],
) => number
let posixSpawn: Spawn | undefined

/** Node sets FD_CLOEXEC on 0-2 as on all descriptors; the container's program is to have them. */
export const keepStandardStreams = (): void => {
  for (const fd of [0, 1, 2]) setCloseOnExec(fd, false)
}

/** KEY=value, with the null that ends a C vector. */
export const environment = (): (string | null)[] => [
  ...Object.entries(process.env).map(([key, value]) => `${key}=${value}`),
  null,
]

/**
 * Starts the stage. posix_spawn and not child_process: that costs 3 ms, an event loop handle and a SIGCHLD handler, and the process
 * that will reap the stage is the shim that this one becomes.
 *
 * @param kind `enter`: for a container that runs already, with a process that stays as the program's parent
 */
export const startStage = (cgroupProcs: readonly string[], kind: 'stage' | 'enter' = 'stage'): Stage => {
  const pair = Buffer.alloc(8)
  socketpair(undefined, AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, pair)
  const [ours, theirs] = [pair.readInt32LE(0), pair.readInt32LE(4)]
  setCloseOnExec(theirs, false)
  keepStandardStreams()
  posixSpawn ??= library().func('posix_spawn', 'int', [
    'void *',
    'str',
    'void *',
    'void *',
    'const char **',
    'const char **',
  ]) as unknown as Spawn
  const pid = Buffer.alloc(4)
  const path = shimPath()
  const error = posixSpawn(
    pid,
    path,
    null,
    null,
    ['rt-shim', kind, String(theirs), ...cgroupProcs, null],
    environment(),
  )
  closeSync(theirs)
  if (error !== 0) {
    closeSync(ours)
    throw new SyscallError('posix_spawn', error, path)
  }
  return { socket: ours, cancel: () => closeSync(ours) }
}
