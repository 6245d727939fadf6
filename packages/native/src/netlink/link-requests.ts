import { parseMac } from './address.ts'
import { type Attribute, attributes, nest } from './attributes.ts'
import {
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
  RTEXT_FILTER_SKIP_STATS,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_NEWLINK,
  RTM_SETLINK,
  VETH_INFO_PEER,
} from './constants.ts'
import { CREATE, type Op, type RequestContext } from './request-context.ts'
import type { NetlinkRequest } from './socket.ts'
import { formatLink, putString, putU16, putU32, type StreamData } from './structures.ts'

const UP = { up: true } as const

export const addLink = (step: Op<'link.add'>, context: RequestContext): NetlinkRequest => {
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

export const setLink = (step: Op<'link.set'>, context: RequestContext): NetlinkRequest => {
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

export const deleteLink = ({ name }: Op<'link.del'>): NetlinkRequest => ({
  type: RTM_DELLINK,
  flags: 0,
  body: attributes(formatLink({}), [[IFLA_IFNAME, putString(name)]]),
})

/** Of a link that is down. */
export const renameLink = (index: number, name: string): NetlinkRequest => ({
  type: RTM_SETLINK,
  flags: 0,
  body: attributes(formatLink({ index }), [[IFLA_IFNAME, putString(name)]]),
})

/** The link of that name, without its counters. */
export const getLink = (name: string): NetlinkRequest => ({
  type: RTM_GETLINK,
  flags: 0,
  body: attributes(formatLink({}), [
    [IFLA_IFNAME, putString(name)],
    [IFLA_EXT_MASK, putU32(RTEXT_FILTER_SKIP_STATS)],
  ]),
})
