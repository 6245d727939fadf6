import { closeSync, constants, openSync } from 'node:fs'
import { errorCode } from '../sys/errno.ts'
import { AF_UNIX, connect, MSG_NOSIGNAL, recv, SOCK_SEQPACKET_CLOEXEC, sendto, socket } from '../sys/socket.ts'

/** The longest message of a monitor's. */
const MESSAGE = 65536

/** `A`'s flag: the client wants nothing but to learn of the exit. */
export const WAIT_ONLY = 4

/** A connection to a container's monitor: one datagram a message, the first byte its type. */
export interface Door {
  /** For `waitReadable`: there is a message, or the monitor has gone. */
  readonly fd: number
  /** False: the monitor has gone. */
  send(type: string, payload?: Uint8Array): boolean
  /** Waits for the next message; undefined: the monitor has gone. */
  receive(): Buffer | undefined
  close(): void
}

/** Knocks at the door in a container's run directory; undefined where nobody answers: its monitor has none, or has gone. */
export const openDoor = (directory: string): Door | undefined => {
  const fd = socket(AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0)
  if (connectTo(fd, directory)) return new Connection(fd)
  closeSync(fd)
  return undefined
}

const connectTo = (fd: number, directory: string): boolean => {
  let parent: number | undefined
  try {
    parent = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY)
    // sun_path has room for 108 bytes, and a run root may lie anywhere: the kernel's own link to the directory is short.
    const path = `/proc/self/fd/${parent}/door`
    const address = Buffer.alloc(2 + path.length + 1)
    address.writeUInt16LE(AF_UNIX, 0)
    address.write(path, 2, 'latin1')
    connect(fd, address, `${directory}/door`)
    return true
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return false
    throw error
  } finally {
    if (parent !== undefined) closeSync(parent)
  }
}

class Connection implements Door {
  readonly fd: number

  constructor(fd: number) {
    this.fd = fd
  }

  send(type: string, payload: Uint8Array = new Uint8Array()): boolean {
    return unlessGone(() => sendto(this.fd, Buffer.concat([Buffer.from(type, 'latin1'), payload]), MSG_NOSIGNAL)) !== 0
  }

  receive(): Buffer | undefined {
    const message = Buffer.alloc(MESSAGE)
    for (;;) {
      try {
        const length = unlessGone(() => recv(this.fd, message))
        return length === 0 ? undefined : message.subarray(0, length)
      } catch (error) {
        if (errorCode(error) !== 'EINTR') throw error
      }
    }
  }

  close(): void {
    closeSync(this.fd)
  }
}

/** 0 where the other side has closed. */
const unlessGone = (call: () => number): number => {
  try {
    return call()
  } catch (error) {
    const code = errorCode(error)
    if (code === 'EPIPE' || code === 'ECONNRESET' || code === 'ENOTCONN') return 0
    throw error
  }
}
