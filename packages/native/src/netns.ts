import { closeSync, openSync } from 'node:fs'
import { NETLINK_ROUTE } from './netlink/constants.ts'
import { NetlinkSocket } from './netlink/socket.ts'
import { CLONE_NEWNET, setns, unshare } from './sys/namespace.ts'

/** A network namespace held by a file descriptor: it ends with the last fd and process that use it. */
export interface Netns {
  /** Closes at execve unless `setCloseOnExec(fd, false)`. */
  readonly fd: number
  /** A route socket that was made inside and works from outside. */
  readonly socket: NetlinkSocket
  /** Indices of links that were born here by our own hand; `lo` is always 1. */
  readonly indices: Map<string, number>
  /** Runs `callback` inside: for /proc/sys/net, which shows the caller's namespace. `callback` must be synchronous. */
  run<T>(callback: () => T): T
  close(): void
}

/** Makes a network namespace without a name: nothing of it is left when its last process and fd are gone. */
export const createNetns = (): Netns => inside(() => unshare(CLONE_NEWNET))

const OWN = '/proc/thread-self/ns/net'

const inside = (enter: () => void): Netns =>
  excursion(enter, () => {
    const fd = openSync(OWN, 'r')
    try {
      return hold(fd, new NetlinkSocket(NETLINK_ROUTE))
    } catch (error) {
      closeSync(fd)
      throw error
    }
  })

const hold = (fd: number, socket: NetlinkSocket): Netns => ({
  fd,
  socket,
  indices: new Map([['lo', 1]]),
  run: (callback) => excursion(() => setns(fd, CLONE_NEWNET), callback),
  close: () => {
    socket.close()
    closeSync(fd)
  },
})

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
