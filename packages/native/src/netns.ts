import { closeSync, openSync } from 'node:fs'
import { NETLINK_ROUTE } from './netlink/constants.ts'
import { NetlinkSocket } from './netlink/socket.ts'
import { CLONE_NEWNET, setns, unshare } from './sys/namespace.ts'

/** A network namespace held by a file descriptor: it ends with the last fd and process that use it. */
export interface Netns {
  /** Closes at execve unless `setCloseOnExec(fd, false)`. */
  readonly fd: number
  /** A route socket of the inside that works from outside, made at first use. */
  readonly socket: NetlinkSocket
  /** Indices of links that were born here by our own hand; `lo` is always 1. */
  readonly indices: Map<string, number>
  /** Runs `callback` inside: for /proc/sys/net, which shows the caller's namespace. `callback` must be synchronous. */
  run<T>(callback: () => T): T
  close(): void
}

/** Makes a network namespace without a name: nothing of it is left when its last process and fd are gone. */
export const createNetns = (): Netns =>
  hold(
    excursion(
      () => unshare(CLONE_NEWNET),
      () => openSync(OWN, 'r'),
    ),
  )

/** The network namespace that a process is in. Errors: ENOENT where the process has ended. */
export const openNetns = (pid: number): Netns => hold(openSync(`/proc/${pid}/ns/net`, 'r'))

const OWN = '/proc/thread-self/ns/net'

const hold = (fd: number): Netns => {
  let socket: NetlinkSocket | undefined
  const visit = <T>(callback: () => T): T =>
    excursion(
      () => setns(fd, CLONE_NEWNET),
      () => {
        // On the first visit, whatever it is for, because the way there and back costs more than the socket.
        socket ??= new NetlinkSocket(NETLINK_ROUTE)
        return callback()
      },
    )
  return {
    fd,
    get socket() {
      return socket ?? visit(() => socket as NetlinkSocket)
    },
    indices: new Map([['lo', 1]]),
    run: visit,
    close: () => {
      socket?.close()
      closeSync(fd)
    },
  }
}

/** Leaves this thread's network namespace and comes back, whatever happens. */
const excursion = <T>(leave: () => void, callback: () => T): T => {
  const home = openSync(OWN, 'r')
  try {
    leave()
    try {
      return callback()
    } finally {
      comeBack(home)
    }
  } finally {
    closeSync(home)
  }
}

const comeBack = (home: number): void => {
  try {
    setns(home, CLONE_NEWNET)
  } catch {
    // Going on would configure the container's namespace in place of the host's, or the other way round: nothing is
    // safe any more, not even unwinding.
    process.abort()
  }
}
