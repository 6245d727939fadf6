import { closeSync } from 'node:fs'
import { errorCode } from './errno.ts'
import { syscall } from './libc.ts'
import { bind, setSocketOption, socket } from './socket.ts'

const AF_INET = 2
const AF_INET6 = 10
const CLOEXEC = 0o2000000
const TYPES = { tcp: 1, udp: 2 } as const
const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26
const SHUT_RD = 0

// Pure, so that a bundle whose programs publish no ports is without all of this.
const ptonCall = /* @__PURE__ */ syscall('inet_pton', ['int', 'str', 'void *'])
const listenCall = /* @__PURE__ */ syscall('listen', ['int', 'int'])
const shutdownCall = /* @__PURE__ */ syscall('shutdown', ['int', 'int'])
const getsocknameCall = /* @__PURE__ */ syscall('getsockname', ['int', 'void *', 'void *'])

/** A port of the host that nobody else can have while the descriptor is open. */
export interface ReservedPort {
  readonly fd: number
  readonly port: number
}

/**
 * Binds a socket, which never listens: what comes for the port and is not led elsewhere by the firewall is refused by the kernel as if
 * nobody were there. Closes at execve. `port` 0: any free one.
 *
 * @throws SyscallError EADDRINUSE, EADDRNOTAVAIL (the host has no such address), EAFNOSUPPORT (no IPv6 here); TypeError for what is no address
 */
export const reservePort = (protocol: 'tcp' | 'udp', address: string, port: number): ReservedPort => {
  const name = socketAddress(address, port)
  try {
    return bound(protocol, name, false)
  } catch (error) {
    // Connections that have just ended keep their port from everybody who does not say that this is no matter.
    if (protocol === 'udp' || errorCode(error) !== 'EADDRINUSE') throw error
    return bound(protocol, name, true)
  }
}

const bound = (protocol: 'tcp' | 'udp', name: Buffer, overRemains: boolean): ReservedPort => {
  const family = name.readUInt16LE(0)
  const fd = socket(family, TYPES[protocol] | CLOEXEC, 0)
  try {
    if (family === AF_INET6) setSocketOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)
    if (overRemains) setSocketOption(fd, SOL_SOCKET, SO_REUSEADDR, 1)
    bind(fd, name)
    if (overRemains) shutOut(fd)
    const own = Buffer.alloc(name.length)
    const length = Buffer.alloc(4)
    length.writeInt32LE(own.length)
    getsocknameCall(undefined, fd, own, length)
    return { fd, port: own.readUInt16BE(2) }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/**
 * Two sockets that reuse an address both get it as long as neither listens: this one listens for a moment, from which the kernel keeps that
 * the port is not to be shared, and gives up reusing.
 */
const shutOut = (fd: number): void => {
  listenCall(undefined, fd, 0)
  setSocketOption(fd, SOL_SOCKET, SO_REUSEADDR, 0)
  shutdownCall(undefined, fd, SHUT_RD)
}

/** struct sockaddr_in or sockaddr_in6. */
export const socketAddress = (address: string, port: number): Buffer => {
  const v6 = address.includes(':')
  const name = Buffer.alloc(v6 ? 28 : 16)
  name.writeUInt16LE(v6 ? AF_INET6 : AF_INET, 0)
  name.writeUInt16BE(port, 2)
  if (ptonCall(undefined, name.readUInt16LE(0), address, name.subarray(v6 ? 8 : 4)) !== 1)
    throw new TypeError(`"${address}" is not an address`)
  return name
}
