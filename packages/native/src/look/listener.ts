import { closeSync } from 'node:fs'
import type { Netns } from '../netns.ts'
import { syscall } from '../sys/libc.ts'
import { socketAddress } from '../sys/reserve-port.ts'
import { bind, socket } from '../sys/socket.ts'

const SOCK_STREAM_CLOEXEC = 1 | 0o2000000
const AF_INET = 2

const listenCall = syscall('listen', ['int', 'int'])
const getsocknameCall = syscall('getsockname', ['int', 'void *', 'void *'])

/** A port at which somebody answers: the kernel finishes the handshake, and nobody needs to accept. */
export interface Listener {
  readonly port: number
  close(): void
}

/** Listens on all IPv4 addresses of a network namespace, the caller's own where undefined, at a free port. Errors: SyscallError. */
export const listenIn = (netns: Netns | undefined): Listener => (netns ? netns.run(listenHere) : listenHere())

const listenHere = (): Listener => {
  const fd = socket(AF_INET, SOCK_STREAM_CLOEXEC, 0)
  try {
    const name = socketAddress('0.0.0.0', 0)
    bind(fd, name)
    listenCall(undefined, fd, 64)
    const length = Buffer.alloc(4)
    length.writeInt32LE(name.length)
    getsocknameCall(undefined, fd, name, length)
    return { port: name.readUInt16BE(2), close: () => closeSync(fd) }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
