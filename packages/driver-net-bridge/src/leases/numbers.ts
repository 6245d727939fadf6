import { RtError } from '@rt/driver-api'
import { formatIpv4, parseIpv4 } from '../address/ipv4.ts'
import { formatIpv6, parseIpv6 } from '../address/ipv6.ts'
import { broadcastOf, contains, formatSubnet, type Subnet, sizeOf } from '../address/subnet.ts'
import { contains6, formatSubnet6, sizeOf6 } from '../address/subnet6.ts'
import type { BridgeNetwork } from '../choose-subnet.ts'

/** Addresses that the user asks for, without prefix length. */
export interface Wanted {
  readonly ip?: string
  readonly ip6?: string
}

/** What is to be leased. */
export interface Claim {
  /** undefined: any. */
  readonly address: number | undefined
  /** undefined: none, or, where `address` is, the one of the same number. */
  readonly address6: bigint | undefined
  /** Names of the leases that stand for the addresses which were asked for. */
  readonly names: readonly string[]
}

/**
 * A container's IPv4 and IPv6 address have the same *number*, their distance from the beginning of the subnet, so that one lease, called
 * after the IPv4 address of that number, stands for both. These are the first and last of those that containers get by themselves.
 */
export const numbersOf = ({ subnet, range, v6 }: BridgeNetwork): { first: number; last: number } => {
  const part = range ?? subnet
  let [first, last] = [part.network - subnet.network, broadcastOf(part) - subnet.network]
  if (v6 !== undefined) {
    const part6 = v6.range ?? v6.subnet
    const begin = part6.network - v6.subnet.network
    first = smaller(bigger(BigInt(first), begin), BigInt(sizeOf(subnet)))
    last = smaller(BigInt(last), begin + sizeOf6(part6) - 1n)
  }
  return { first, last }
}

const smaller = (a: bigint, b: bigint): number => Number(a < b ? a : b)
const bigger = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** Whether a container may have that number: the network's own address, the broadcast address and the gateways are nobody's. */
export const isGiveable = ({ subnet, gateway, v6 }: BridgeNetwork, number: number): boolean =>
  number !== 0 &&
  number !== sizeOf(subnet) - 1 &&
  number !== gateway - subnet.network &&
  (v6 === undefined || BigInt(number) !== v6.gateway - v6.subnet.network)

/** Throws RT_NET_ADDRESS_INVALID. */
export const claimOf = (network: BridgeNetwork, wanted: Wanted): Claim => {
  if (wanted.ip === undefined && wanted.ip6 === undefined) return NOTHING
  const four = wanted.ip === undefined ? undefined : checked4(network, wanted.ip)
  const six = wanted.ip6 === undefined ? undefined : checked6(network, wanted.ip6)
  if (six === undefined) return sameNumber(network, four as number)
  const name = nameOf6(network, six)
  if (four !== undefined) return { address: four, address6: six, names: [...new Set([formatIpv4(four), name])] }
  // The IPv4 address of that number, where there is one that a container may have.
  const address = parseIpv4(name)
  const fits = address !== undefined && isGiveable(network, address - network.subnet.network)
  return { address: fits ? address : undefined, address6: six, names: [name] }
}

const NOTHING: Claim = { address: undefined, address6: undefined, names: [] }

/** The IPv6 address of the same number; undefined: the network has none. */
export const sixOf = ({ subnet, v6 }: BridgeNetwork, address: number): bigint | undefined =>
  v6 && v6.subnet.network + BigInt(address - subnet.network)

const sameNumber = (network: BridgeNetwork, address: number): Claim => {
  const six = sixOf(network, address)
  const { v6 } = network
  if (v6 !== undefined && six !== undefined && (six === v6.gateway || !contains6(v6.subnet, six))) {
    throw invalid(
      `${formatIpv4(address)} has no counterpart that a container may have in ${formatSubnet6(v6.subnet)}.`,
      'Ask for an IPv6 address as well, with --ip6.',
    )
  }
  return { address, address6: six, names: [formatIpv4(address)] }
}

/** A number that no IPv4 address has is called by its IPv6 address. */
const nameOf6 = ({ subnet, v6 }: BridgeNetwork, address6: bigint): string => {
  const number = address6 - (v6?.subnet.network ?? 0n)
  return number < BigInt(sizeOf(subnet)) ? formatIpv4(subnet.network + Number(number)) : formatIpv6(address6)
}

const checked4 = ({ subnet, gateway }: BridgeNetwork, text: string): number => {
  const address = parseIpv4(text)
  if (address === undefined) throw invalid(`"${text}" is not an IPv4 address.`)
  if (!contains(subnet, address)) throw invalid(`${text} is not in the network's subnet ${formatSubnet(subnet)}.`)
  const whose = special(subnet, gateway, address)
  if (whose !== undefined) throw invalid(`${text} is ${whose} of ${formatSubnet(subnet)}.`)
  return address
}

const special = (subnet: Subnet, gateway: number, address: number): string | undefined =>
  address === gateway
    ? "the gateway, the host's own address,"
    : address === subnet.network
      ? 'the network address'
      : address === broadcastOf(subnet)
        ? 'the broadcast address'
        : undefined

const checked6 = ({ v6 }: BridgeNetwork, text: string): bigint => {
  const address = parseIpv6(text)
  if (address === undefined) throw invalid(`"${text}" is not an IPv6 address.`)
  if (v6 === undefined) throw invalid(`${text} cannot be given: the network has no IPv6.`, 'Make one with --ipv6.')
  const subnet = formatSubnet6(v6.subnet)
  if (!contains6(v6.subnet, address)) throw invalid(`${text} is not in the network's subnet ${subnet}.`)
  if (address === v6.gateway) throw invalid(`${text} is the gateway, the host's own address, of ${subnet}.`)
  // RFC 4291, 2.6.1: the lowest address is every router's.
  if (address === v6.subnet.network) throw invalid(`${text} is the network address of ${subnet}.`)
  return address
}

const invalid = (message: string, remedy?: string): RtError =>
  new RtError('RT_NET_ADDRESS_INVALID', message, remedy === undefined ? {} : { remedy })
