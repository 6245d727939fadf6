import { NETLINK_ROUTE } from './constants.ts'
import { NetlinkSocket } from './socket.ts'

let host: NetlinkSocket | undefined

/** What was last seen of the host's links: a guess that saves a question, for those who can ask again when it was wrong. */
export const hostIndices = new Map<string, number>()

/** The route socket of the host's namespace, opened at first use and kept: it closes at execve. */
export const hostSocket = (): NetlinkSocket => {
  host ??= new NetlinkSocket(NETLINK_ROUTE)
  return host
}
