import { parsePrefix } from './address.ts'
import { stream } from './attributes.ts'
import {
  AF_INET,
  NLM_F_APPEND,
  NLM_F_CREATE,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTM_NEWADDR,
  RTM_NEWROUTE,
} from './constants.ts'
import { CREATE, type Op, type RequestContext } from './request-context.ts'
import type { NetlinkRequest } from './socket.ts'
import { formatAddress, formatAddressAttrs, formatRoute, formatRouteAttrs } from './structures.ts'

export const addAddress = (step: Op<'addr.add'>, context: RequestContext): NetlinkRequest => {
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

export const addRoute = (step: Op<'route.add'>, context: RequestContext): NetlinkRequest => {
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
