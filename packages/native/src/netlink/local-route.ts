import { parsePrefix } from './address.ts'
import { RTM_GETROUTE } from './constants.ts'
import { isLocalAt } from './decode.ts'
import { glanceAtLink } from './glance.ts'
import { hostSocket } from './sockets.ts'
import { AttrStream, formatRoute, formatRouteAttrs } from './structures.ts'

/** Whether the host takes packets for `address` as its own because of a route at this very link. False where there is no such link. */
export const hasLocalRoute = (address: string, link: string): boolean => {
  const index = glanceAtLink(link)?.index
  if (index === undefined) return false
  const { family, bytes, length } = parsePrefix(address)
  const out = new AttrStream()
  out.emit(formatRouteAttrs({ dst: bytes, oif: index }))
  const header = formatRoute({ family, dstLen: length, flags: { fibMatch: true } })
  const [outcome] = hostSocket().exchange([{ type: RTM_GETROUTE, flags: 0, body: [header, ...out.bufs] }])
  // An error is that there is no route.
  const [reply] = outcome?.replies ?? []
  return reply !== undefined && isLocalAt(reply, index)
}
