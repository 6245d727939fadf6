import { NETLINK_ROUTE, RTM_NEWLINK, RTNLGRP_LINK } from '../netlink/constants.ts'
import { decodeLink } from '../netlink/decode.ts'
import { observeLink } from '../netlink/observe.ts'
import { NetlinkSocket } from '../netlink/socket.ts'
import { monotonic } from '../sys/clock.ts'

/** Long beyond what the kernel's work queue takes; who waits can do without what is waited for. */
const PATIENCE_MS = 1000

/** Waits until a link of the host carries packets; see the step `link.await`. */
export const awaitLink = (name: string): void =>
  listen((next) => {
    let running = observeLink(name)?.running === true
    while (!running) {
      const messages = next()
      if (messages === undefined) return
      running = messages.some(({ type, data }) => {
        const link = type === RTM_NEWLINK ? decodeLink(data) : undefined
        return link?.name === name && link.running
      })
    }
  })

/**
 * Waits until the host has none of these links any more: a cable goes a moment after its container, when the kernel takes the network
 * namespace apart.
 */
export const awaitLinksGone = (names: readonly string[]): void =>
  listen((next) => {
    while (names.some((name) => observeLink(name) !== undefined)) if (next() === undefined) return
  })

type Messages = ReturnType<NetlinkSocket['next']>

/** `next`: what has become of links since the last time; undefined: it takes too long. */
const listen = (act: (next: () => Messages | undefined) => void): void => {
  const socket = new NetlinkSocket(NETLINK_ROUTE)
  try {
    // First listen, then look: what happens in between is told.
    socket.subscribe(RTNLGRP_LINK)
    const deadline = monotonic() + PATIENCE_MS
    act(() => {
      const left = deadline - monotonic()
      return left > 0 ? socket.next(left) : undefined
    })
  } finally {
    socket.close()
  }
}
