import { type NetworkSubnet, RtError } from '@rt/driver-api'
import { parseIpv4 } from '../address/ipv4.ts'
import { parseIpv6 } from '../address/ipv6.ts'
import { broadcastOf, contains, formatSubnet, gatewayOf, parseSubnet, type Subnet } from '../address/subnet.ts'
import {
  contains6,
  formatSubnet6,
  gatewayOf6,
  isLinkLocal,
  parseSubnet6,
  type Subnet6,
  sizeOf6,
} from '../address/subnet6.ts'
import type { BridgeNetwork } from '../choose-subnet.ts'
import { isUsable } from '../options.ts'
import type { Network6 } from '../settings.ts'

export type Network4 = Pick<BridgeNetwork, 'subnet' | 'gateway' | 'range'>

/** What the user asked for, checked each for itself: at most one subnet of a family. Throws RT_NET_SUBNET_INVALID. */
export const readSubnets = (
  given: readonly NetworkSubnet[],
): { readonly four: Network4 | undefined; readonly six: Network6 | undefined } => {
  const [sixes, fours] = [true, false].map((is6) => given.filter(({ subnet }) => subnet.includes(':') === is6))
  if ((fours?.length ?? 0) > 1) throw invalid('A bridge network has one IPv4 subnet.', 'Make a second network.')
  if ((sixes?.length ?? 0) > 1) throw invalid('A bridge network has one IPv6 subnet.', 'Make a second network.')
  return { four: fours?.[0] && read4(fours[0]), six: sixes?.[0] && read6(sixes[0]) }
}

export const invalid = (message: string, remedy?: string): RtError =>
  new RtError('RT_NET_SUBNET_INVALID', message, remedy === undefined ? {} : { remedy })

const read4 = (given: NetworkSubnet): Network4 => {
  const subnet = cidr(given.subnet, parseSubnet, formatSubnet)
  if (!isUsable(subnet)) {
    throw invalid(`The subnet ${given.subnet} cannot be a network's.`, 'Use a unicast one from /8 to /30.')
  }
  const gateway = given.gateway === undefined ? gatewayOf(subnet) : parseIpv4(given.gateway)
  if (gateway === undefined) throw invalid(`The gateway "${given.gateway}" is not an IPv4 address.`)
  if (!contains(subnet, gateway)) throw outside('gateway', given.gateway, given.subnet)
  if (gateway === subnet.network || gateway === broadcastOf(subnet)) {
    throw invalid(`The gateway ${given.gateway} is the network or the broadcast address of ${given.subnet}.`)
  }
  const range = given.ipRange === undefined ? undefined : cidr(given.ipRange, parseSubnet, formatSubnet)
  if (range && !within(range, subnet, contains)) throw outside('range', given.ipRange, given.subnet)
  if (range && !hasRoom(range, subnet, gateway)) {
    throw invalid(`The range ${given.ipRange} has no address that a container could have.`)
  }
  return { subnet, gateway, ...(range && { range }) }
}

const read6 = (given: NetworkSubnet): Network6 => {
  const subnet = cidr(given.subnet, parseSubnet6, formatSubnet6)
  if (subnet.prefix < 64 || subnet.prefix > 120) {
    throw invalid(`The subnet ${given.subnet} cannot be a network's.`, 'Use an IPv6 subnet from /64 to /120.')
  }
  if (!isUnicast(subnet)) throw invalid(`The subnet ${given.subnet} has no addresses that a container could have.`)
  const gateway = given.gateway === undefined ? gatewayOf6(subnet) : parseIpv6(given.gateway)
  if (gateway === undefined) throw invalid(`The gateway "${given.gateway}" is not an IPv6 address.`)
  if (!contains6(subnet, gateway)) throw outside('gateway', given.gateway, given.subnet)
  if (gateway === subnet.network)
    throw invalid(`The gateway ${given.gateway} is the network address of ${given.subnet}.`)
  const range = given.ipRange === undefined ? undefined : cidr(given.ipRange, parseSubnet6, formatSubnet6)
  if (range && !within(range, subnet, contains6)) throw outside('range', given.ipRange, given.subnet)
  return { subnet, gateway, ...(range && { range }) }
}

/** As it is written everywhere: an address with bits beyond the prefix is somebody's, not a network's. */
const cidr = <S extends object>(
  text: string,
  parse: (text: string) => S | undefined,
  format: (subnet: S) => string,
): S => {
  const subnet = parse(text)
  if (subnet === undefined) throw invalid(`"${text}" is not a subnet.`)
  const canonical = format(subnet)
  if (
    canonical.includes(':')
      ? parseIpv6(text.split('/')[0] ?? '') !== parseIpv6(canonical.split('/')[0] ?? '')
      : canonical !== text
  ) {
    throw invalid(`The subnet ${text} has host bits: the network is ${canonical}.`, `Write ${canonical}.`)
  }
  return subnet
}

const within = <A, S extends { readonly network: A; readonly prefix: number }>(
  inner: S,
  outer: S,
  has: (subnet: S, address: A) => boolean,
): boolean => inner.prefix >= outer.prefix && has(outer, inner.network)

/** At least one address besides the network's, the broadcast one and the gateway. */
const hasRoom = (range: Subnet, subnet: Subnet, gateway: number): boolean => {
  const nobodys = [...new Set([subnet.network, broadcastOf(subnet), gateway])].filter((each) => contains(range, each))
  return broadcastOf(range) - range.network + 1 > nobodys.length
}

/** Neither unspecified and loopback, nor IPv4 in IPv6, nor link-local, nor multicast (RFC 4291). */
const isUnicast = (subnet: Subnet6): boolean =>
  subnet.network + sizeOf6(subnet) > 1n << 64n && !isLinkLocal(subnet.network) && subnet.network >> 120n !== 0xffn

const outside = (what: string, address: string | undefined, subnet: string): RtError =>
  invalid(`The ${what} ${address} is not in the subnet ${subnet}.`)
