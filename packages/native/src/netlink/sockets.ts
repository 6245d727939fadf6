import { NETLINK_ROUTE } from './constants.ts'
import { NetlinkSocket } from './socket.ts'

let host: NetlinkSocket | undefined

/** The route socket of the host's namespace, opened at first use and kept: it closes at execve. */
export const hostSocket = (): NetlinkSocket => {
  host ??= new NetlinkSocket(NETLINK_ROUTE)
  return host
}
