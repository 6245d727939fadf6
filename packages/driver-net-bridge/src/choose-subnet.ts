import { RtError } from '@rt/driver-api'
import { formatIpv4, parseIpv4 } from './address/ipv4.ts'
import { gatewayOfMac } from './address/mac.ts'
import { POOLS } from './address/pools.ts'
import { formatSubnet, gatewayOf, overlaps, parseSubnet, type Subnet } from './address/subnet.ts'
import type { BridgeOptions } from './options.ts'

/** An interface of the bridge's name, as the kernel describes it. */
export interface BridgeLink {
  readonly kind: string | undefined
  readonly mac: string | undefined
  readonly alias: string | undefined
  readonly up: boolean
  /** IPv4, with prefix length. */
  readonly addresses: readonly string[]
}

/** A range that the host reaches by some interface: from its routes and its interfaces' addresses. */
export interface HostRoute {
  readonly to: Subnet
  /** undefined: a blackhole and the like. */
  readonly link: string | undefined
}

export interface BridgeNetwork {
  readonly subnet: Subnet
  readonly gateway: number
}

/** What marks an interface as ours once it is complete. */
export const ALIAS = 'rt'

/** Ours: with the alias that completes it, or still without, but with a MAC that only we give. */
export const isOurs = (link: BridgeLink): boolean =>
  link.kind === 'bridge' && (link.alias === ALIAS || (!link.alias && gatewayOfMac(link.mac ?? '') !== undefined))

/**
 * The subnet and address of the bridge. An existing bridge decides by its address; a missing one gets the configured subnet or the first
 * free pool. `routes` is only called where the host's routes matter. Throws RT_NET_BRIDGE_FOREIGN, RT_NET_SUBNET_OVERLAP, and
 * RT_DRIVER_OPTION where the bridge has another subnet than the configured one.
 */
export const chooseSubnet = (
  options: BridgeOptions,
  link: BridgeLink | undefined,
  routes: () => readonly HostRoute[],
): BridgeNetwork => {
  if (link !== undefined) {
    if (!isOurs(link)) throw foreign(options.name, link)
    const existing = networkOf(options, link)
    if (existing !== undefined) return agreed(options, existing)
  }
  const taken = routes().filter((route) => route.link !== options.name && !isHalfOfEverything(route.to))
  const subnet = options.subnet === undefined ? firstFree(taken) : configured(options.subnet, taken)
  return { subnet, gateway: gatewayOf(subnet) }
}

const networkOf = (options: BridgeOptions, link: BridgeLink): BridgeNetwork | undefined => {
  for (const address of link.addresses) {
    const subnet = parseSubnet(address)
    const gateway = parseIpv4(address.split('/')[0] ?? '')
    if (subnet !== undefined && gateway !== undefined) return { subnet, gateway }
  }
  // Another start is making it right now, or died while it did: its MAC tells which subnet it chose.
  const gateway = gatewayOfMac(link.mac ?? '')
  if (gateway === undefined) return undefined
  const subnet = [...(options.subnet === undefined ? [] : [options.subnet]), ...POOLS].find(
    (each) => gatewayOf(each) === gateway,
  )
  return subnet === undefined ? undefined : { subnet, gateway }
}

const agreed = ({ name, subnet }: BridgeOptions, existing: BridgeNetwork): BridgeNetwork => {
  if (subnet === undefined || formatSubnet(subnet) === formatSubnet(existing.subnet)) return existing
  throw new RtError(
    'RT_DRIVER_OPTION',
    `network.bridge.subnet is ${formatSubnet(subnet)}, but ${name} exists with ${formatIpv4(existing.gateway)}/${existing.subnet.prefix}.`,
    {
      remedy: `Stop its containers and remove it with \`ip link del ${name}\`, or set network.bridge.name to another name.`,
    },
  )
}

const configured = (subnet: Subnet, taken: readonly HostRoute[]): Subnet => {
  const conflict = taken.find((route) => overlaps(route.to, subnet))
  if (conflict === undefined) return subnet
  throw new RtError(
    'RT_NET_SUBNET_OVERLAP',
    `The host already routes ${formatSubnet(conflict.to)}${via(conflict)}, which overlaps the bridge's subnet ${formatSubnet(subnet)}.`,
    { remedy: 'Set network.bridge.subnet to a free one, or leave it out: rt then finds one.' },
  )
}

const firstFree = (taken: readonly HostRoute[]): Subnet => {
  const free = POOLS.find((pool) => !taken.some((route) => overlaps(route.to, pool)))
  if (free !== undefined) return free
  const first = taken.find((route) => overlaps(route.to, POOLS[0] as Subnet)) as HostRoute
  throw new RtError(
    'RT_NET_SUBNET_OVERLAP',
    `The host routes addresses of all private subnets that a bridge could get, among them ${formatSubnet(first.to)}${via(first)}.`,
    { remedy: 'Set network.bridge.subnet to one that nothing else needs.' },
  )
}

const via = (route: HostRoute): string => (route.link === undefined ? '' : ` by ${route.link}`)

/** A default route, whole or in the two halves by which VPNs cover it: no claim on any range in particular. */
const isHalfOfEverything = (subnet: Subnet): boolean => subnet.prefix <= 1

const foreign = (name: string, link: BridgeLink): RtError => {
  const what = link.kind === undefined ? 'An interface' : `A ${link.kind} interface`
  return new RtError('RT_NET_BRIDGE_FOREIGN', `${what} named ${name} exists, and rt did not make it.`, {
    remedy:
      'Set network.bridge.name to another name' +
      (link.kind === 'bridge' ? `, or hand it over with \`ip link set ${name} alias ${ALIAS}\`.` : '.'),
  })
}
