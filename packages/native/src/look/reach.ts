import { closeSync } from 'node:fs'
import type { Netns } from '../netns.ts'
import { errnoName, errorCode } from '../sys/errno.ts'
import { syscall } from '../sys/libc.ts'
import { socketAddress } from '../sys/reserve-port.ts'
import { connect, MSG_DONTWAIT, recv, sendto, socket } from '../sys/socket.ts'

/** Somebody whom a process of a network namespace may reach, or not. */
export type Target =
  | { readonly how: 'tcp'; readonly address: string; readonly port: number }
  /** An ICMP echo. */
  | { readonly how: 'ping'; readonly address: string }

/** `refused`: it is there and says no. `silent`: no answer came in time. Otherwise the kernel's word, `ENETUNREACH`. */
export type Answer = 'yes' | 'refused' | 'silent' | `E${string}`

const AF_INET = 2
const AF_INET6 = 10
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000
const SOCK_STREAM = 1
const SOCK_RAW = 3
const IPPROTO_ICMP = 1
const IPPROTO_ICMPV6 = 58
const SOL_SOCKET = 1
const SO_ERROR = 4
const POLLIN = 1
const POLLOUT = 4
const ENTRY = 8

const getsockoptCall = syscall('getsockopt', ['int', 'int', 'int', 'void *', 'void *'])
const pollCall = syscall('poll', ['void *', 'size_t', 'int'])

interface Attempt {
  readonly fd: number
  readonly target: Target
  answer?: Answer | undefined
}

/**
 * Whom somebody in `netns` (the caller's own where undefined) reaches: real packets, all at once. Blocks the thread, at most
 * `timeoutMs`. Answers in the order of `targets`.
 */
export const reach = (netns: Netns | undefined, targets: readonly Target[], timeoutMs: number): Answer[] => {
  // A socket stays in the namespace that it was made in, wherever its thread goes.
  const begin = (): Attempt[] => targets.map(attempt)
  const attempts = netns ? netns.run(begin) : begin()
  try {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const open = attempts.filter(({ answer }) => answer === undefined)
      const left = Math.ceil(deadline - performance.now())
      if (open.length === 0 || left <= 0) return attempts.map(({ answer }) => answer ?? 'silent')
      wait(open, left)
    }
  } finally {
    for (const { fd } of attempts) if (fd >= 0) closeSync(fd)
  }
}

const attempt = (target: Target): Attempt => {
  const v6 = target.address.includes(':')
  let fd = -1
  try {
    if (target.how === 'tcp') {
      fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
      connect(fd, socketAddress(target.address, target.port))
      return { fd, target, answer: 'yes' }
    }
    fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP)
    sendto(fd, echoRequest(v6), 0, socketAddress(target.address, 0))
    return { fd, target }
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    return code === 'EINPROGRESS' ? { fd, target } : { fd, target, answer: answerOf(code) }
  }
}

const answerOf = (code: string): Answer => (code === 'ECONNREFUSED' ? 'refused' : (code as Answer))

const wait = (attempts: readonly Attempt[], timeoutMs: number): void => {
  const entries = Buffer.alloc(ENTRY * attempts.length)
  for (const [index, { fd, target }] of attempts.entries()) {
    entries.writeInt32LE(fd, ENTRY * index)
    entries.writeInt16LE(target.how === 'tcp' ? POLLOUT : POLLIN, ENTRY * index + 4)
  }
  try {
    pollCall(undefined, entries, attempts.length, timeoutMs)
  } catch (error) {
    if (errorCode(error) === 'EINTR') return
    throw error
  }
  for (const [index, each] of attempts.entries())
    if (entries.readInt16LE(ENTRY * index + 6) !== 0)
      each.answer = each.target.how === 'tcp' ? connected(each.fd) : echoed(each)
}

const connected = (fd: number): Answer => {
  const [value, length] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeInt32LE(4)
  getsockoptCall(undefined, fd, SOL_SOCKET, SO_ERROR, value, length)
  const errno = value.readInt32LE(0)
  return errno === 0 ? 'yes' : answerOf(errnoName(errno))
}

/** Tells our echoes from those of others: a raw socket hears all of them. */
const IDENTITY = process.pid & 0xffff
const ECHO_REPLY = 0
const ECHO_REPLY_V6 = 129

/** undefined: that was something else; the wait goes on. */
const echoed = ({ fd, target }: Attempt): Answer | undefined => {
  const packet = Buffer.alloc(1500)
  try {
    const length = recv(fd, packet, MSG_DONTWAIT)
    const v6 = target.address.includes(':')
    // Of IPv4 a raw socket hears the IP header, too.
    const message = packet.subarray(v6 ? 0 : ((packet[0] ?? 0) & 0xf) * 4, length)
    const isOurs = message.length >= 8 && message.readUInt16BE(4) === IDENTITY
    return isOurs && message[0] === (v6 ? ECHO_REPLY_V6 : ECHO_REPLY) ? 'yes' : undefined
  } catch (error) {
    const code = errorCode(error)
    if (code === 'EAGAIN') return undefined
    if (code === undefined) throw error
    return answerOf(code)
  }
}

/** RFC 792 and 4443. The kernel adds the checksum of ICMPv6 itself. */
const echoRequest = (v6: boolean): Buffer => {
  const message = Buffer.alloc(16)
  message[0] = v6 ? 128 : 8
  message.writeUInt16BE(IDENTITY, 4)
  message.writeUInt16BE(1, 6)
  if (!v6) message.writeUInt16BE(checksum(message), 2)
  return message
}

/** RFC 1071. */
const checksum = (message: Buffer): number => {
  let sum = 0
  for (let at = 0; at < message.length; at += 2) sum += message.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
