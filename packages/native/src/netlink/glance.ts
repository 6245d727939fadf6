import { errorCode } from '../sys/errno.ts'
import { syscall } from '../sys/libc.ts'
import { hostIndices, hostSocket } from './sockets.ts'

const SIOCGIFFLAGS = 0x8913
const SIOCGIFMTU = 0x8921
const SIOCGIFINDEX = 0x8933
const IFF_UP = 1
const IFNAMSIZ = 16

/** The little of a link that can be had without the kernel's network lock. */
export interface LinkGlance {
  readonly index: number
  readonly up: boolean
}

const ioctl = syscall('ioctl', ['int', 'long', 'void *'])

/**
 * A quick look at one link of the host, by netdevice(7)'s old ioctls: they read under RCU, while RTM_GETLINK waits for the lock that the
 * kernel holds for milliseconds when it takes another container's namespace apart. undefined: there is no such link.
 */
export const glanceAtLink = (name: string): LinkGlance | undefined =>
  glance(name, (ask) => {
    const index = ask(SIOCGIFINDEX).readInt32LE(IFNAMSIZ)
    const up = (ask(SIOCGIFFLAGS).readInt16LE(IFNAMSIZ) & IFF_UP) !== 0
    hostIndices.set(name, index)
    return { index, up }
  })

/** In bytes, looked at likewise. undefined: there is no such link. */
export const linkMtu = (name: string): number | undefined =>
  glance(name, (ask) => ask(SIOCGIFMTU).readInt32LE(IFNAMSIZ))

const glance = <T>(name: string, look: (ask: (what: number) => Buffer) => T): T | undefined => {
  const request = Buffer.alloc(40)
  request.write(name, 0, IFNAMSIZ - 1, 'latin1')
  const { fd } = hostSocket()
  try {
    return look((what) => {
      ioctl(name, fd, what, request)
      return request
    })
  } catch (error) {
    if (errorCode(error) === 'ENODEV') return undefined
    throw error
  }
}
