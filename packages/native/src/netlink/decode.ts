import { formatAddress, formatMac } from './address.ts'
import {
  AF_INET,
  AF_INET6,
  IF_OPER_UP,
  IFA_ADDRESS,
  IFA_LOCAL,
  IFLA_ADDRESS,
  IFLA_BR_NF_CALL_IP6TABLES,
  IFLA_IFALIAS,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINK,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_OPERSTATE,
  RTA_DST,
  RTA_GATEWAY,
  RTA_MULTIPATH,
  RTA_OIF,
  RTA_PRIORITY,
  RTA_TABLE,
} from './constants.ts'
import {
  __LENGTH_Address,
  __LENGTH_Link,
  __LENGTH_Route,
  parseAddress,
  parseAttributes,
  parseLink,
  parseRoute,
} from './structures.ts'

/** Links are numbered here; `observe` gives them names. */
export interface RawLink {
  readonly name: string
  readonly index: number
  /** `bridge`, `veth`, ...; undefined for hardware and loopback. */
  readonly kind?: string
  readonly mac: string
  readonly mtu: number
  readonly up: boolean
  /** It carries packets: RFC 2863's operational state. */
  readonly running: boolean
  readonly alias?: string
  readonly master?: number
  /** The index of its other end, or of what it lies on; often in another namespace. */
  readonly parent?: number
  /** A bridge that br_netfilter is to show ip6tables the packets of, whatever it does with those of others. */
  readonly callsIp6tables?: true
}

export interface RawAddress {
  readonly index: number
  readonly family: 'inet' | 'inet6'
  readonly address: string
}

export interface RawRoute {
  readonly to: string
  readonly family: 'inet' | 'inet6'
  readonly table: number
  readonly via?: string
  readonly index?: number
  readonly metric?: number
}

export const decodeLink = (data: Buffer): RawLink => {
  const { index = 0, flags } = parseLink(data.subarray(0, __LENGTH_Link))
  const attributes = attributesOf(data.subarray(__LENGTH_Link))
  const info = attributes.get(IFLA_LINKINFO)
  const about = info === undefined ? undefined : attributesOf(info)
  const kind = about?.get(IFLA_INFO_KIND)
  const alias = attributes.get(IFLA_IFALIAS)
  const master = attributes.get(IFLA_MASTER)
  const parent = attributes.get(IFLA_LINK)
  return {
    name: text(attributes.get(IFLA_IFNAME)),
    index,
    mac: formatMac(attributes.get(IFLA_ADDRESS) ?? Buffer.alloc(0)),
    mtu: attributes.get(IFLA_MTU)?.readUInt32LE(0) ?? 0,
    up: flags?.up === true,
    running: attributes.get(IFLA_OPERSTATE)?.[0] === IF_OPER_UP,
    ...(kind === undefined ? {} : { kind: text(kind) }),
    ...(alias === undefined ? {} : { alias: text(alias) }),
    ...(master === undefined ? {} : { master: master.readUInt32LE(0) }),
    ...(parent === undefined ? {} : { parent: parent.readUInt32LE(0) }),
    ...(text(kind) === 'bridge' && callsIp6tables(about?.get(IFLA_INFO_DATA)) ? { callsIp6tables: true } : {}),
  }
}

const callsIp6tables = (bridge: Buffer | undefined): boolean =>
  bridge !== undefined && attributesOf(bridge).get(IFLA_BR_NF_CALL_IP6TABLES)?.[0] === 1

/** undefined: neither IPv4 nor IPv6. */
export const decodeAddress = (data: Buffer): RawAddress | undefined => {
  const { family = 0, prefixlen = 0, index = 0 } = parseAddress(data.subarray(0, __LENGTH_Address))
  const attributes = attributesOf(data.subarray(__LENGTH_Address))
  // IFA_ADDRESS is the other end on a point-to-point link, and IPv6 has no IFA_LOCAL except there.
  const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS)
  const name = familyName(family)
  if (name === undefined || bytes === undefined) return undefined
  return { index, family: name, address: `${formatAddress(bytes)}/${prefixlen}` }
}

/** undefined: not a destination that packets are sent to (the host's own addresses, broadcast, multicast, cached clones). */
export const decodeRoute = (data: Buffer): RawRoute | undefined => {
  const header = parseRoute(data.subarray(0, __LENGTH_Route))
  const family = familyName(header.family ?? 0)
  if (family === undefined || !KINDS.has(header.type) || header.flags?.cloned === true) return undefined
  const attributes = attributesOf(data.subarray(__LENGTH_Route))
  const hop = attributes.get(RTA_MULTIPATH)
  const via =
    attributes.get(RTA_GATEWAY) ?? (hop === undefined ? undefined : attributesOf(hop.subarray(8)).get(RTA_GATEWAY))
  const index = attributes.get(RTA_OIF)?.readUInt32LE(0) ?? hop?.readInt32LE(4)
  const metric = attributes.get(RTA_PRIORITY)?.readUInt32LE(0)
  const to = attributes.get(RTA_DST)
  const length = header.dstLen ?? 0
  return {
    to: length === 0 || to === undefined ? 'default' : `${formatAddress(to)}/${length}`,
    family,
    table: attributes.get(RTA_TABLE)?.readUInt32LE(0) ?? header.table ?? 0,
    ...(via === undefined ? {} : { via: formatAddress(via) }),
    ...(index === undefined ? {} : { index }),
    ...(metric === undefined ? {} : { metric }),
  }
}

/** Whether a route is one to this host itself, at the link of that index. */
export const isLocalAt = (data: Buffer, index: number): boolean => {
  const { type } = parseRoute(data.subarray(0, __LENGTH_Route))
  return type === 'LOCAL' && attributesOf(data.subarray(__LENGTH_Route)).get(RTA_OIF)?.readUInt32LE(0) === index
}

/** Blackhole and its like have no link, but their destinations are taken all the same. */
const KINDS: ReadonlySet<unknown> = new Set(['UNICAST', 'BLACKHOLE', 'UNREACHABLE', 'PROHIBIT', 'THROW'])

const familyName = (family: number): 'inet' | 'inet6' | undefined =>
  family === AF_INET ? 'inet' : family === AF_INET6 ? 'inet6' : undefined

const attributesOf = (data: Buffer): Map<number, Buffer> => {
  const map = new Map<number, Buffer>()
  parseAttributes(data, (attribute) => map.set(attribute.type, attribute.data))
  return map
}

const text = (data: Buffer | undefined): string => data?.toString('utf8').replace(/\0.*$/s, '') ?? ''
