import type { LinkOperation } from '@rt/driver-api'
import { parseMac, parsePrefix } from './address.ts'
import {
  AF_INET,
  IFLA_ADDRESS,
  IFLA_BRPORT_MODE,
  IFLA_EXT_MASK,
  IFLA_IFALIAS,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_INFO_SLAVE_DATA,
  IFLA_INFO_SLAVE_KIND,
  IFLA_IPVLAN_MODE,
  IFLA_LINK,
  IFLA_LINKINFO,
  IFLA_MACVLAN_MODE,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTEXT_FILTER_SKIP_STATS,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWROUTE,
  RTM_SETLINK,
  VETH_INFO_PEER,
} from './constants.ts'
import type { NetlinkRequest } from './socket.ts'
import {
  AttrStream,
  formatAddress,
  formatAddressAttrs,
  formatLink,
  formatRoute,
  formatRouteAttrs,
  putString,
  putU16,
  putU32,
  type StreamData,
} from './structures.ts'

export interface RequestContext {
  /** The container's namespace, where a veth peer is born, or a link on a parent of this one. */
  readonly netns?: { readonly fd: number }
  /** The index of a link; asked only for the names of `indexedNames`. */
  index(name: string): number
}

/** The links whose index must be known: the kernel takes names for links themselves, but not for masters, addresses and routes. */
export const indexedNames = (step: LinkOperation): string[] => {
  if (step.op === 'addr.add' || step.op === 'route.add') return [step.link]
  if (step.op === 'link.add' && 'parent' in step) return [step.parent]
  return step.op === 'link.set' && step.master !== undefined ? [step.master] : []
}

/** One rtnetlink message for one step. */
export const encodeStep = (step: LinkOperation, context: RequestContext): NetlinkRequest => {
  switch (step.op) {
    case 'link.add':
      return addLink(step, context)
    case 'link.set':
      return setLink(step, context)
    case 'link.del':
      return { type: RTM_DELLINK, flags: 0, body: attributes(formatLink({}), [[IFLA_IFNAME, putString(step.name)]]) }
    case 'addr.add':
      return addAddress(step, context)
    case 'route.add':
      return addRoute(step, context)
  }
}

/** The link of that name, without its counters. */
/** Of a link that is down. */
export const renameLink = (index: number, name: string): NetlinkRequest => ({
  type: RTM_SETLINK,
  flags: 0,
  body: attributes(formatLink({ index }), [[IFLA_IFNAME, putString(name)]]),
})

export const getLink = (name: string): NetlinkRequest => ({
  type: RTM_GETLINK,
  flags: 0,
  body: attributes(formatLink({}), [
    [IFLA_IFNAME, putString(name)],
    [IFLA_EXT_MASK, putU32(RTEXT_FILTER_SKIP_STATS)],
  ]),
})

type Attribute = readonly [type: number, data: StreamData]
type Op<Name extends LinkOperation['op']> = Extract<LinkOperation, { op: Name }>

const CREATE = NLM_F_CREATE | NLM_F_EXCL

const addLink = (step: Op<'link.add'>, context: RequestContext): NetlinkRequest => {
  const { netns } = context
  if ('parent' in step) return addChild(step, context)
  const info: Attribute[] = [[IFLA_INFO_KIND, putString(step.kind)]]
  if (step.kind === 'veth') info.push([IFLA_INFO_DATA, nest([[VETH_INFO_PEER, peer(step.peer, netns)]])])
  return {
    type: RTM_NEWLINK,
    flags: CREATE,
    body: attributes(formatLink({}), [...linkAttributes(step), [IFLA_LINKINFO, nest(info)]]),
  }
}

/** The numbers of linux/if_link.h. */
const MACVLAN_MODES = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const
const IPVLAN_MODES = { l2: 0, l3: 1, l3s: 2 } as const

const addChild = (
  step: Op<'link.add'> & { readonly kind: 'macvlan' | 'ipvlan' },
  { netns, index }: RequestContext,
): NetlinkRequest => {
  const mode: Attribute =
    step.kind === 'macvlan'
      ? [IFLA_MACVLAN_MODE, putU32(MACVLAN_MODES[step.mode])]
      : [IFLA_IPVLAN_MODE, putU16(IPVLAN_MODES[step.mode])]
  const info: Attribute[] = [
    [IFLA_INFO_KIND, putString(step.kind)],
    [IFLA_INFO_DATA, nest([mode])],
  ]
  return {
    type: RTM_NEWLINK,
    flags: CREATE,
    body: attributes(formatLink({}), [
      ...linkAttributes(step),
      [IFLA_LINK, putU32(index(step.parent))],
      ...(netns === undefined ? [] : ([[IFLA_NET_NS_FD, putU32(netns.fd)]] as const)),
      [IFLA_LINKINFO, nest(info)],
    ]),
  }
}

/**
 * A veth pair that is plugged into its master and up as soon as it is born: one message and one turn at the kernel's network lock, which the
 * namespaces of ended containers hold often. The peer gets the index that is asked for, so that nobody has to look it up.
 */
export const pluggedVeth = (
  step: Op<'link.add'> & { readonly kind: 'veth' },
  master: number,
  netns: { readonly fd: number },
  peerIndex: number,
): NetlinkRequest => ({
  type: RTM_NEWLINK,
  flags: CREATE,
  body: attributes(formatLink({ flags: UP, change: UP }), [
    ...linkAttributes(step),
    [IFLA_MASTER, putU32(master)],
    [
      IFLA_LINKINFO,
      nest([
        [IFLA_INFO_KIND, putString(step.kind)],
        [IFLA_INFO_DATA, nest([[VETH_INFO_PEER, peer(step.peer, netns, peerIndex)]])],
      ]),
    ],
  ]),
})

/** A second ifinfomsg inside the first message; the namespace is the peer's alone. */
const peer = (
  link: { name: string; mac?: string; mtu?: number },
  netns: { fd: number } | undefined,
  index = 0,
): StreamData => {
  const place: Attribute[] = netns === undefined ? [] : [[IFLA_NET_NS_FD, putU32(netns.fd)]]
  return attributes(formatLink({ index }), [...linkAttributes(link), ...place])
}

const linkAttributes = (link: { name: string; mac?: string; mtu?: number; alias?: string }): Attribute[] => {
  const list: Attribute[] = [[IFLA_IFNAME, putString(link.name)]]
  if (link.mac !== undefined) list.push([IFLA_ADDRESS, parseMac(link.mac)])
  if (link.mtu !== undefined) list.push([IFLA_MTU, putU32(link.mtu)])
  if (link.alias !== undefined) list.push([IFLA_IFALIAS, putString(link.alias)])
  return list
}

const setLink = (step: Op<'link.set'>, context: RequestContext): NetlinkRequest => {
  const list = linkAttributes(step)
  if (step.master !== undefined) list.push([IFLA_MASTER, putU32(context.index(step.master))])
  if (step.hairpin !== undefined) list.push([IFLA_LINKINFO, nest(portSettings(step.hairpin))])
  // What its bridge knows of a port is taken by NEWLINK only.
  const type = step.hairpin === undefined ? RTM_SETLINK : RTM_NEWLINK
  const header = step.up === undefined ? {} : { flags: step.up ? UP : {}, change: UP }
  return { type, flags: 0, body: attributes(formatLink(header), list) }
}

const portSettings = (hairpin: boolean): Attribute[] => [
  [IFLA_INFO_SLAVE_KIND, putString('bridge')],
  [IFLA_INFO_SLAVE_DATA, nest([[IFLA_BRPORT_MODE, Buffer.from([hairpin ? 1 : 0])]])],
]

const UP = { up: true } as const

const addAddress = (step: Op<'addr.add'>, context: RequestContext): NetlinkRequest => {
  const { family, bytes, length } = parsePrefix(step.address)
  // An IPv6 address of ours is ours alone: without nodad it could not be used during its first second.
  const header = { family, prefixlen: length, index: context.index(step.link), ...(family === AF_INET ? {} : NODAD) }
  const broadcast = family === AF_INET && length < 31 ? { broadcast: lastAddress(bytes, length) } : {}
  const attrs = formatAddressAttrs({ local: bytes, address: bytes, ...broadcast })
  return { type: RTM_NEWADDR, flags: CREATE, body: [formatAddress(header), ...stream(attrs)] }
}

const NODAD = { flags: { nodad: true } } as const

const lastAddress = (address: Buffer, length: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE((address.readUInt32BE(0) | (0xffffffff >>> length)) >>> 0)
  return bytes
}

const addRoute = (step: Op<'route.add'>, context: RequestContext): NetlinkRequest => {
  const via = step.via === undefined ? undefined : parsePrefix(step.via)
  const to = parsePrefix(
    step.to === 'default' ? ((via?.family ?? AF_INET) === AF_INET ? '0.0.0.0/0' : '::/0') : step.to,
  )
  const local = step.type === 'local'
  const near = local ? 'HOST' : 'LINK'
  const header = formatRoute({
    family: to.family,
    dstLen: to.length,
    table: local ? RT_TABLE_LOCAL : RT_TABLE_MAIN,
    protocol: 'BOOT',
    type: local ? 'LOCAL' : 'UNICAST',
    scope: via === undefined && to.family === AF_INET ? near : 'UNIVERSE',
  })
  const attrs = formatRouteAttrs({
    ...(to.length === 0 ? {} : { dst: to.bytes }),
    ...(via === undefined ? {} : { gateway: via.bytes }),
    oif: context.index(step.link),
    ...(step.metric === undefined ? {} : { priority: step.metric }),
  })
  // Several links may have the same local route; exclusive, the second one's would count as the first one's.
  const flags = local ? NLM_F_CREATE | NLM_F_APPEND : CREATE
  return { type: RTM_NEWROUTE, flags, body: [header, ...stream(attrs)] }
}

const attributes = (header: Buffer, list: readonly Attribute[]): Uint8Array[] => [header, ...stream(nest(list))]

const nest =
  (list: readonly Attribute[]): StreamData =>
  (out: AttrStream) => {
    for (const [type, data] of list) out.push(type, data)
  }

const stream = (data: StreamData): Uint8Array[] => {
  const out = new AttrStream()
  out.emit(data)
  return out.bufs
}
