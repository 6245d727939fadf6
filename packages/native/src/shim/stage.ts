import { closeSync, readSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { type Netns, openNetns } from '../netns.ts'
import { SyscallError } from '../sys/errno.ts'
import { library } from '../sys/koffi.ts'
import { syscall } from '../sys/libc.ts'
import { setCloseOnExec } from '../sys/lock.ts'
import { shimPath } from '../sys/shim-path.ts'

/** The container's first process in waiting: it has joined the cgroups, or is still joining them. */
export interface Stage {
  /** Our end of its socket, closed at execve unless that is taken off. */
  readonly socket: number
  /** Waits until it has the network namespace that it was asked to make, and opens that. Errors: SyscallError. Once only. */
  network(): Netns
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
export const startStage = (cgroups: readonly string[], options: { readonly newNetwork: boolean }): Stage =>
  spawnShim((socket) => ['stage', socket, options.newNetwork ? 'net' : '-', ...cgroups])

/** What the container's program is connected with, where its monitor stays in the background: a terminal, or pipes. */
export interface BackgroundStreams {
  readonly tty: boolean
  readonly stdin: boolean
}

export interface BackgroundStageOptions extends BackgroundStreams {
  readonly newNetwork: boolean
}

/** As the shim reads them. */
export const backgroundKinds = ({ tty, stdin, newNetwork }: BackgroundStageOptions): string =>
  `${tty ? 't' : stdin ? 'io' : 'o'}${newNetwork ? 'n' : ''}`

/** Starts the monitor itself as a process in the background; it makes the stage, and both wait for the plan. */
export const startBackground = (cgroups: readonly string[], options: BackgroundStageOptions): Stage =>
  spawnShim((socket) => ['background', socket, backgroundKinds(options), ...cgroups])

/** Starts what will wait for a program that enters a container; its stage joins the cgroups, and both wait for the plan. */
export const startEntering = (cgroups: readonly string[]): Stage => spawnShim((socket) => ['enter', socket, ...cgroups])

/** Both ends close at execve. */
export const stageSockets = (): readonly [ours: number, theirs: number] => {
  const pair = Buffer.alloc(8)
  socketpair(undefined, AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, pair)
  return [pair.readInt32LE(0), pair.readInt32LE(4)]
}

export const stageBehind = (socket: number): Stage => ({
  socket,
  network: () => networkOf(socket),
  cancel: () => closeSync(socket),
})

const spawnShim = (words: (socket: string) => readonly string[]): Stage => {
  const [ours, theirs] = stageSockets()
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
  const path = shimPath()
  const error = posixSpawn(
    Buffer.alloc(4),
    path,
    null,
    null,
    ['rt-shim', ...words(String(theirs)), null],
    environment(),
  )
  closeSync(theirs)
  if (error !== 0) {
    closeSync(ours)
    throw new SyscallError('posix_spawn', error, path)
  }
  return stageBehind(ours)
}

/** MSG_NETNS and the size of struct message, shim/handshake.h. */
const MSG_NETNS = 0x4e
const MESSAGE = 256

const networkOf = (socket: number): Netns => {
  const message = Buffer.alloc(MESSAGE)
  if (readSync(socket, message) === 0 || message.readInt32LE(0) !== MSG_NETNS)
    throw new RtError('RT_STEP_FAILED', "The container's first process was killed before it had a network namespace")
  const [pid, errno] = [message.readInt32LE(4), message.readInt32LE(8)]
  if (errno !== 0) throw new SyscallError('unshare', errno, 'CLONE_NEWNET')
  return openNetns(pid)
}
