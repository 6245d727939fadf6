import { parsePrefix } from './address.ts'
import { AF_INET, AF_INET6, NETLINK_NETFILTER, RTM_GETADDR } from './constants.ts'
import { decodeAddress } from './decode.ts'
import { NetlinkError } from './error.ts'
import { NetlinkSocket } from './socket.ts'
import { hostSocket } from './sockets.ts'
import { formatAddress, formatAttribute, getMap, putU32 } from './structures.ts'

const NFNL_SUBSYS_CTNETLINK = 1
const GET = (NFNL_SUBSYS_CTNETLINK << 8) | 1
const DELETE = (NFNL_SUBSYS_CTNETLINK << 8) | 2

const CTA_TUPLE_ORIG = 1
const CTA_ID = 12
const CTA_ZONE = 18
const CTA_FILTER = 25
const CTA_TUPLE_IP = 1
const CTA_TUPLE_PROTO = 2
const CTA_IP_V4_DST = 2
const CTA_IP_V6_DST = 4
const CTA_PROTO_NUM = 1
const CTA_PROTO_DST_PORT = 3
const CTA_FILTER_ORIG_FLAGS = 1
const CTA_FILTER_REPLY_FLAGS = 2
const PROTO_NUM_FLAG = 1 << 3
const PROTO_DST_PORT_FLAG = 1 << 5
const NFGENMSG_LENGTH = 4

/** Connections by their port, as their first packet had it: before any rule changed where they go. */
export interface ConntrackFilter {
  readonly protocol: 'tcp' | 'udp'
  readonly ports: readonly number[]
  /** undefined: any address of this host. `0.0.0.0` and `::`: any of that family. */
  readonly address?: string
}

/**
 * Makes the kernel forget connections to ports of this host; their next packets are looked at by the rules anew. Answers how many there
 * were. The kernel goes through all of its table for it, which takes 12 ms for the usual size, however little is in it. Errors: NetlinkError, `EINVAL` where the kernel has no ctnetlink.
 */
export const flushConntrack = (filter: ConntrackFilter): number => {
  const socket = new NetlinkSocket(NETLINK_NETFILTER)
  try {
    return familiesOf(filter).reduce((sum, family) => sum + flushFamily(socket, family, filter), 0)
  } finally {
    socket.close()
  }
}

const familiesOf = ({ address }: ConntrackFilter): readonly number[] =>
  address === undefined ? [AF_INET, AF_INET6] : [parsePrefix(address).family]

const flushFamily = (socket: NetlinkSocket, family: number, filter: ConntrackFilter): number => {
  const isWanted = destinations(family, filter)
  const wanted = dump(socket, family, filter).filter(({ destination }) => isWanted(destination))
  const outcomes = socket.exchange(
    wanted.map(({ identity }) => ({ type: DELETE, flags: 0, body: [header(family), ...identity] })),
  )
  // It may have ended by itself meanwhile.
  const failed = outcomes.find(({ error }) => error !== undefined && error.code !== 'ENOENT')
  if (failed?.error !== undefined) throw failed.error
  return outcomes.length
}

interface Entry {
  /** The attributes that name it to the kernel. */
  readonly identity: readonly Uint8Array[]
  readonly destination: Buffer
}

/**
 * The kernel filters since 5.8; older ones ignore what they do not know and give everything, so it is looked at again here. A host that
 * routes for others has hundreds of thousands of entries.
 */
const dump = (socket: NetlinkSocket, family: number, { protocol, ports }: ConntrackFilter): readonly Entry[] => {
  const wanted = new Set(ports)
  const number = protocol === 'tcp' ? 6 : 17
  const only = ports.length === 1 ? ports[0] : undefined
  const tuple = nested(CTA_TUPLE_ORIG, [
    nested(CTA_TUPLE_PROTO, [
      attribute(CTA_PROTO_NUM, Buffer.of(number)),
      ...(only === undefined ? [] : [attribute(CTA_PROTO_DST_PORT, bigEndian(only))]),
    ]),
  ])
  const flags = nested(CTA_FILTER, [
    attribute(CTA_FILTER_ORIG_FLAGS, word(PROTO_NUM_FLAG | (only === undefined ? 0 : PROTO_DST_PORT_FLAG))),
    attribute(CTA_FILTER_REPLY_FLAGS, word(0)),
  ])
  return messages(socket, family, [tuple, flags]).flatMap((message) => {
    const attributes = attributesOf(message.subarray(NFGENMSG_LENGTH))
    const original = attributes.get(CTA_TUPLE_ORIG)
    if (original === undefined) return []
    const parts = attributesOf(original)
    const proto = attributesOf(parts.get(CTA_TUPLE_PROTO) ?? Buffer.alloc(0))
    const destination = attributesOf(parts.get(CTA_TUPLE_IP) ?? Buffer.alloc(0)).get(
      family === AF_INET ? CTA_IP_V4_DST : CTA_IP_V6_DST,
    )
    const same =
      proto.get(CTA_PROTO_NUM)?.[0] === number && wanted.has(proto.get(CTA_PROTO_DST_PORT)?.readUInt16BE(0) ?? 0)
    if (!same || destination === undefined) return []
    const others = [CTA_ID, CTA_ZONE].flatMap((type) => {
      const data = attributes.get(type)
      return data === undefined ? [] : [attribute(type, data)]
    })
    return [{ identity: [attribute(CTA_TUPLE_ORIG, original, true), ...others], destination }]
  })
}

const messages = (socket: NetlinkSocket, family: number, filter: readonly Uint8Array[]): readonly Buffer[] => {
  try {
    return socket.dump(GET, [header(family), ...filter])
  } catch (error) {
    if (!(error instanceof NetlinkError && (error.code === 'EINVAL' || error.code === 'EOPNOTSUPP'))) throw error
    return socket.dump(GET, [header(family)])
  }
}

/**
 * A connection from a container to port 443 of some server has that port as well, and must not be forgotten for a 443 of this host: hence
 * only addresses that are this host's own.
 */
const destinations = (family: number, { address }: ConntrackFilter): ((destination: Buffer) => boolean) => {
  const wanted = address === undefined ? undefined : parsePrefix(address).bytes
  if (wanted?.some((byte) => byte !== 0)) return (destination) => destination.equals(wanted)
  const own = new Set(
    hostSocket()
      .dump(RTM_GETADDR, [formatAddress({ family })])
      .flatMap((data) => decodeAddress(data)?.address ?? [])
      .map((each) => parsePrefix(each.slice(0, each.indexOf('/'))).bytes.toString('hex')),
  )
  return (destination) => (family === AF_INET && destination[0] === 127) || own.has(destination.toString('hex'))
}

/** struct nfgenmsg: family, version, resource. */
const header = (family: number): Buffer => Buffer.of(family, 0, 0, 0)

const attribute = (type: number, data: Uint8Array, isNested = false): Uint8Array =>
  Buffer.concat([...formatAttribute({ type, data, nested: isNested }), Buffer.alloc(-data.length & 3)])

const nested = (type: number, attributes: readonly Uint8Array[]): Uint8Array =>
  attribute(type, Buffer.concat(attributes), true)

const attributesOf = (data: Buffer): Map<number, Buffer> => getMap(data, (each) => each)

const bigEndian = (value: number): Buffer => {
  const data = Buffer.alloc(2)
  data.writeUInt16BE(value)
  return data
}

const word = (value: number): Buffer => Buffer.from(putU32(value))
