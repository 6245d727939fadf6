import { IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS, RTM_GETADDR, RTM_GETLINK, RTM_GETROUTE } from './constants.ts'
import { decodeAddress, decodeLink, decodeRoute, type RawLink, type RawRoute } from './decode.ts'
import { getLink } from './link-requests.ts'
import type { NetlinkSocket } from './socket.ts'
import { hostIndices, hostSocket } from './sockets.ts'
import { formatAddress, formatAttribute, formatLink, formatRoute, putU32 } from './structures.ts'

export interface LinkObservation extends Omit<RawLink, 'master'> {
  /** The name of the bridge (or bond) that it is a port of. */
  readonly master?: string
}

export interface AddressObservation {
  readonly link: string
  /** With prefix length. */
  readonly address: string
  readonly family: 'inet' | 'inet6'
}

export interface RouteObservation {
  /** `default` or a CIDR. */
  readonly to: string
  readonly family: 'inet' | 'inet6'
  readonly via?: string
  /** The first of several; undefined for blackhole and its like. */
  readonly link?: string
  readonly metric?: number
  /** 254 is main. */
  readonly table: number
}

export interface NetworkObservation {
  readonly links: readonly LinkObservation[]
  readonly addresses: readonly AddressObservation[]
  readonly routes: readonly RouteObservation[]
}

/** What a network namespace has, the host's by default. Errors: NetlinkError, SyscallError. */
export const observeNetwork = (socket: NetlinkSocket = hostSocket()): NetworkObservation => {
  // Links last: one that is born meanwhile must have a name by the time its address is seen.
  const rawAddresses = socket.dump(RTM_GETADDR, [formatAddress({})])
  const rawRoutes = socket.dump(RTM_GETROUTE, [formatRoute({})])
  const links = dumpLinks(socket)
  const names = new Map(links.map(({ index, name }) => [index, name]))
  const addresses = rawAddresses.flatMap((data) => {
    const raw = decodeAddress(data)
    return raw === undefined ? [] : [{ link: names.get(raw.index) ?? '', address: raw.address, family: raw.family }]
  })
  const routes = rawRoutes.flatMap((data) => {
    const raw = decodeRoute(data)
    return raw === undefined ? [] : [named(raw, names)]
  })
  return { links: links.map((link) => withMaster(link, (index) => names.get(index))), addresses, routes }
}

/** One link of a namespace, the host's by default; undefined: there is none of that name. */
export const observeLink = (name: string, socket: NetlinkSocket = hostSocket()): LinkObservation | undefined => {
  const [outcome] = socket.exchange([getLink(name)])
  if (outcome?.error?.code === 'ENODEV') return undefined
  if (outcome?.error !== undefined) throw outcome.error
  const [reply] = outcome?.replies ?? []
  if (reply !== undefined && socket === hostSocket()) hostIndices.set(name, decodeLink(reply).index)
  return reply === undefined ? undefined : withMaster(decodeLink(reply), (index) => linkByIndex(index, socket).name)
}

const dumpLinks = (socket: NetlinkSocket) => {
  const mask = formatAttribute({ type: IFLA_EXT_MASK, data: putU32(RTEXT_FILTER_SKIP_STATS) })
  return socket.dump(RTM_GETLINK, [formatLink({}), ...mask]).map(decodeLink)
}

const linkByIndex = (index: number, socket: NetlinkSocket) => {
  const mask = formatAttribute({ type: IFLA_EXT_MASK, data: putU32(RTEXT_FILTER_SKIP_STATS) })
  const [outcome] = socket.exchange([{ type: RTM_GETLINK, flags: 0, body: [formatLink({ index }), ...mask] }])
  if (outcome?.error !== undefined) throw outcome.error
  return decodeLink(outcome?.replies[0] ?? Buffer.alloc(0))
}

const withMaster = (
  { master, ...link }: ReturnType<typeof decodeLink>,
  name: (index: number) => string | undefined,
): LinkObservation => {
  const found = master === undefined ? undefined : name(master)
  return found === undefined ? link : { ...link, master: found }
}

const named = ({ index, ...route }: RawRoute, names: ReadonlyMap<number, string>): RouteObservation => {
  const link = index === undefined ? undefined : names.get(index)
  return link === undefined ? route : { ...route, link }
}
