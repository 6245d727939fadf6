import { koffi } from '../sys/koffi.ts'
import { syscall } from '../sys/libc.ts'

const SOL_SOCKET = 1
const SCM_RIGHTS = 1
const MSG_NOSIGNAL = 0x4000
/** sizeof(struct message) of shim/handshake.h; the stage reads nothing of it but that it came. */
const MESSAGE = 256
const CMSG_HEADER = 16

const sendmsg = syscall('sendmsg', ['int', 'void *', 'int'], 'long')

/** A Buffer's address in memory; it must be kept referenced while C uses it. */
const address = (buffer: Buffer): bigint => koffi().address(buffer)

/**
 * Hands over the plan and the network namespace, as descriptors (SCM_RIGHTS). The stage sets off at once: the container comes into
 * being on another core while this process sheds Node's memory in execve, which takes the kernel 3 to 4 ms.
 */
export const sendPlan = (socket: number, planFd: number, netnsFd: number | undefined): void =>
  sendFds(socket, netnsFd === undefined ? [planFd] : [planFd, netnsFd])

/** MSG_HOLD and MOST_FDS of shim/handshake.h. */
const MSG_HOLD = 0x48
const MOST_FDS = 253

/** What the monitor has nothing to do with but to hold it until it ends. */
export const sendHeld = (socket: number, fds: readonly number[]): void => {
  for (let at = 0; at < fds.length; at += MOST_FDS) sendFds(socket, fds.slice(at, at + MOST_FDS), MSG_HOLD)
}

/** At most two, which is what the shim takes at once where it does something with them. */
export const sendFds = (socket: number, fds: readonly number[], kind = 0): void => {
  const message = Buffer.alloc(MESSAGE)
  message.writeInt32LE(kind)
  const vector = Buffer.alloc(16)
  vector.writeBigUInt64LE(address(message), 0)
  vector.writeBigUInt64LE(BigInt(MESSAGE), 8)
  // Each part of a control message takes a multiple of eight bytes.
  const control = Buffer.alloc(CMSG_HEADER + ((4 * fds.length + 7) & ~7))
  control.writeBigUInt64LE(BigInt(CMSG_HEADER + 4 * fds.length), 0)
  control.writeInt32LE(SOL_SOCKET, 8)
  control.writeInt32LE(SCM_RIGHTS, 12)
  for (const [index, fd] of fds.entries()) control.writeInt32LE(fd, CMSG_HEADER + 4 * index)
  // struct msghdr of 64-bit Linux: name, namelen, iov, iovlen, control, controllen, flags
  const header = Buffer.alloc(56)
  header.writeBigUInt64LE(address(vector), 16)
  header.writeBigUInt64LE(1n, 24)
  header.writeBigUInt64LE(address(control), 32)
  header.writeBigUInt64LE(BigInt(control.length), 40)
  sendmsg('the stage', socket, header, MSG_NOSIGNAL)
}
