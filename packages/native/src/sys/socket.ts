import { syscall } from './libc.ts'

export const AF_UNIX = 1
export const AF_NETLINK = 16
export const SOCK_SEQPACKET_CLOEXEC = 5 | 0o2000000
export const SOCK_RAW_CLOEXEC = 3 | 0o2000000
export const MSG_DONTWAIT = 0x40
export const MSG_NOSIGNAL = 0x4000

const socketCall = syscall('socket', ['int', 'int', 'int'])
const bindCall = syscall('bind', ['int', 'void *', 'uint'])
const connectCall = syscall('connect', ['int', 'void *', 'uint'])
const setsockoptCall = syscall('setsockopt', ['int', 'int', 'int', 'void *', 'uint'])
const sendtoCall = syscall('sendto', ['int', 'void *', 'size_t', 'int', 'void *', 'uint'], 'long')
const recvCall = syscall('recv', ['int', 'void *', 'size_t', 'int'], 'long')

export const socket = (family: number, type: number, protocol: number): number =>
  socketCall(undefined, family, type, protocol)

/** `address` is a struct sockaddr of the family. */
export const bind = (fd: number, address: Uint8Array): void => {
  bindCall(undefined, fd, address, address.length)
}

/** `address` as for `bind`. */
export const connect = (fd: number, address: Uint8Array, path?: string): void => {
  connectCall(path, fd, address, address.length)
}

export const setSocketOption = (fd: number, level: number, option: number, value: number): void => {
  const data = Buffer.alloc(4)
  data.writeInt32LE(value)
  setsockoptCall(undefined, fd, level, option, data, data.length)
}

/** Sends one datagram; without an address to the peer (for netlink: the kernel). Returns the bytes sent. */
export const sendto = (fd: number, data: Uint8Array, flags = 0, address: Uint8Array | null = null): number =>
  sendtoCall(undefined, fd, data, data.length, flags, address, address?.length ?? 0)

/** Receives one datagram into `buffer` and answers its length in bytes. */
export const recv = (fd: number, buffer: Uint8Array, flags = 0): number =>
  recvCall(undefined, fd, buffer, buffer.length, flags)
