import { closeSync } from 'node:fs'
import { errorCode } from '../sys/errno.ts'
import { syscall } from '../sys/libc.ts'
import { waitReadable, waitWritable } from '../sys/poll.ts'
import { bind, connect, setSocketOption, socket } from '../sys/socket.ts'

const AF_INET = 2
const SOCK_STREAM_CLOEXEC_NONBLOCK = 1 | 0o2000000 | 0o4000
const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const listenCall = syscall('listen', ['int', 'int'])
const acceptCall = syscall('accept4', ['int', 'void *', 'void *', 'int'])
const getsockoptCall = syscall('getsockopt', ['int', 'int', 'int', 'void *', 'void *'])
const SO_ERROR = 4

/** A TCP port that is listened on in whatever network namespace this thread is in at the moment. */
export interface Listening {
  /** The address of whoever connects within so many milliseconds; undefined: nobody. Blocks the thread. */
  accept(timeoutMs: number): string | undefined
  close(): void
}

/** Errors: SyscallError. `address`: IPv4. */
export const listenTcp = (address: string, port: number): Listening => {
  const fd = socket(AF_INET, SOCK_STREAM_CLOEXEC_NONBLOCK, 0)
  setSocketOption(fd, SOL_SOCKET, SO_REUSEADDR, 1)
  bind(fd, sockaddr(address, port))
  listenCall(undefined, fd, 16)
  return {
    accept: (timeoutMs) => {
      if (waitReadable([fd], timeoutMs).size === 0) return undefined
      const peer = Buffer.alloc(16)
      const length = Buffer.alloc(4)
      length.writeUInt32LE(16)
      closeSync(acceptCall(undefined, fd, peer, length, 0))
      return [...peer.subarray(4, 8)].join('.')
    },
    close: () => closeSync(fd),
  }
}

/**
 * Whether somebody answers there within so many milliseconds, asked from the network namespace that this thread is in. `address`: IPv4. The kernel of the
 * other side completes the connection, so that nobody has to accept it meanwhile. Blocks the thread.
 */
export const reachesTcp = (address: string, port: number, timeoutMs: number): boolean => {
  const fd = socket(AF_INET, SOCK_STREAM_CLOEXEC_NONBLOCK, 0)
  try {
    try {
      connect(fd, sockaddr(address, port))
      return true
    } catch (error) {
      const code = errorCode(error)
      if (code === 'ENETUNREACH' || code === 'EHOSTUNREACH' || code === 'ECONNREFUSED') return false
      if (code !== 'EINPROGRESS') throw error
    }
    if (!waitWritable(fd, timeoutMs)) return false
    const [value, length] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32LE(4)
    getsockoptCall(undefined, fd, SOL_SOCKET, SO_ERROR, value, length)
    return value.readInt32LE() === 0
  } finally {
    closeSync(fd)
  }
}

const sockaddr = (address: string, port: number): Buffer => {
  const buffer = Buffer.alloc(16)
  buffer.writeUInt16LE(AF_INET)
  buffer.writeUInt16BE(port, 2)
  for (const [index, byte] of address.split('.').entries()) buffer.writeUInt8(Number(byte), 4 + index)
  return buffer
}
