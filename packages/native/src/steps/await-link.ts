import { NETLINK_ROUTE, RTM_NEWLINK, RTNLGRP_LINK } from '../netlink/constants.ts'
import { decodeLink } from '../netlink/decode.ts'
import { observeLink } from '../netlink/observe.ts'
import { NetlinkSocket } from '../netlink/socket.ts'

/** Long beyond what the kernel's work queue takes; who waits can do without what is waited for. */
const PATIENCE_MS = 1000

/** Waits until a link of the host carries packets; see the step `link.await`. */
export const awaitLink = (name: string): void => {
  const socket = new NetlinkSocket(NETLINK_ROUTE)
  try {
    // First listen, then look: what happens in between is told.
    socket.subscribe(RTNLGRP_LINK)
    const deadline = performance.now() + PATIENCE_MS
    let running = observeLink(name)?.running === true
    while (!running && performance.now() < deadline) {
      const messages = socket.next(deadline - performance.now())
      running = messages.some(({ type, data }) => {
        const link = type === RTM_NEWLINK ? decodeLink(data) : undefined
        return link?.name === name && link.running
      })
    }
  } finally {
    socket.close()
  }
}
