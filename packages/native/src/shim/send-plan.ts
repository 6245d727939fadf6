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

/** At most two, which is what the shim takes at once. */
export const sendFds = (socket: number, fds: readonly number[]): void => {
  const message = Buffer.alloc(MESSAGE)
  const vector = Buffer.alloc(16)
  vector.writeBigUInt64LE(address(message), 0)
  vector.writeBigUInt64LE(BigInt(MESSAGE), 8)
  const control = Buffer.alloc(CMSG_HEADER + 8)
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
