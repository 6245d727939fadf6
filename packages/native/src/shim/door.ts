import { closeSync, constants, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorCode } from '../sys/errno.ts'
import { syscall } from '../sys/libc.ts'
import { sendto, socket } from '../sys/socket.ts'

const AF_UNIX = 1
const SOCK_SEQPACKET_CLOEXEC = 5 | 0o2000000
const MSG_NOSIGNAL = 0x4000
const connect = syscall('connect', ['int', 'void *', 'uint'])

/**
 * Says one thing at a container's door, see the shim's door.h. False: nobody listens (any more), or the container has none.
 *
 * @throws SyscallError for all other reasons
 */
export const tellDoor = (door: string, message: Uint8Array): boolean => {
  let directory: number | undefined
  let fd: number | undefined
  try {
    // By descriptor: sun_path has 108 bytes, and a run root may be anywhere.
    directory = openSync(dirname(door), constants.O_RDONLY | constants.O_DIRECTORY)
    fd = socket(AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0)
    const address = Buffer.alloc(110)
    address.writeUInt16LE(AF_UNIX)
    address.write(`/proc/self/fd/${directory}/door`, 2)
    connect(door, fd, address, address.length)
    sendto(fd, message, MSG_NOSIGNAL)
    return true
  } catch (error) {
    if (['ENOENT', 'ECONNREFUSED', 'EPIPE', 'ECONNRESET'].includes(errorCode(error) ?? '')) return false
    throw error
  } finally {
    for (const open of [fd, directory]) if (open !== undefined) closeSync(open)
  }
}
