import { RtError } from '@rt/driver-api'
import { formatIpv4, parseIpv4 } from './address/ipv4.ts'
import { gatewayOfMac } from './address/mac.ts'
import { POOLS } from './address/pools.ts'
import { formatSubnet, gatewayOf, overlaps, parseSubnet, type Subnet } from './address/subnet.ts'
import { ALIAS, type BridgeLink, isOurs } from './bridge-link.ts'
import { choose6 } from './choose-subnet6.ts'
import { type HostRoute, type HostRoutes, isClaim, overlapping, via } from './host-routes.ts'
import type { BridgeSettings, Network6 } from './settings.ts'

/** What a network's containers get their addresses from. */
export interface BridgeNetwork {
  readonly subnet: Subnet
  readonly gateway: number
  /** What containers may get by themselves; undefined: the whole subnet. */
  readonly range?: Subnet
  readonly v6?: Network6
}

/**
 * The subnets and addresses of the bridge. An existing bridge decides by its address; a missing one gets the wanted subnet or the first
 * free pool. `routes` is only called where the host's routes matter. Throws RT_NET_BRIDGE_FOREIGN, RT_NET_SUBNET_OVERLAP, and
 * RT_DRIVER_OPTION where the bridge has another subnet than the wanted one.
 */
export const chooseSubnet = (
  settings: BridgeSettings,
  link: BridgeLink | undefined,
  routes: () => HostRoutes,
): BridgeNetwork => {
  const four = choose4(settings, link, routes)
  const v6 = settings.ipv6 ? choose6(settings, link, routes) : undefined
  return { ...four, ...(settings.range && { range: settings.range }), ...(v6 && { v6 }) }
}

type Network4 = Pick<BridgeNetwork, 'subnet' | 'gateway'>

const choose4 = (settings: BridgeSettings, link: BridgeLink | undefined, routes: () => HostRoutes): Network4 => {
  if (link !== undefined) {
    if (!isOurs(link)) throw foreign(settings, link)
    const existing = networkOf(settings, link)
    if (existing !== undefined) return agreed(settings, existing)
  }
  const taken = routes().v4.filter((route) => isClaim(route, settings.bridge))
  const asked = wanted(settings, taken)
  if (asked !== undefined) return asked
  const subnet = firstFree(taken)
  return { subnet, gateway: gatewayOf(subnet) }
}

const networkOf = (settings: BridgeSettings, link: BridgeLink): Network4 | undefined => {
  for (const address of link.addresses) {
    const subnet = parseSubnet(address)
    const gateway = parseIpv4(address.split('/')[0] ?? '')
    if (subnet !== undefined && gateway !== undefined) return { subnet, gateway }
  }
  // Another start is making it right now, or died while it did: its MAC tells which subnet it chose.
  const gateway = gatewayOfMac(link.mac ?? '')
  if (gateway === undefined) return undefined
  const { subnet } = settings
  if (subnet !== undefined && gateway === (settings.gateway ?? gatewayOf(subnet))) return { subnet, gateway }
  const pool = POOLS.find((each) => gatewayOf(each) === gateway)
  return pool === undefined ? undefined : { subnet: pool, gateway }
}

const agreed = (settings: BridgeSettings, existing: Network4): Network4 => {
  const { bridge, network, subnet, gateway } = settings
  if (subnet === undefined) return existing
  const same = formatSubnet(subnet) === formatSubnet(existing.subnet)
  if (same && (gateway ?? existing.gateway) === existing.gateway) return existing
  const asked = network === undefined ? 'network.bridge.subnet' : `The subnet of the network ${network}`
  throw new RtError(
    'RT_DRIVER_OPTION',
    `${asked} is ${formatSubnet(subnet)}, but ${bridge} exists with ${formatIpv4(existing.gateway)}/${existing.subnet.prefix}.`,
    {
      remedy:
        `Stop its containers and remove it with \`ip link del ${bridge}\`` +
        (network === undefined ? ', or set network.bridge.name to another name.' : '.'),
    },
  )
}

const wanted = (settings: BridgeSettings, taken: readonly HostRoute[]): Network4 | undefined => {
  const { subnet } = settings
  if (subnet === undefined) return undefined
  const conflict = taken.find((route) => overlaps(route.to, subnet))
  if (conflict === undefined) return { subnet, gateway: settings.gateway ?? gatewayOf(subnet) }
  throw overlapping(settings, formatSubnet(subnet), formatSubnet(conflict.to), conflict.link)
}

const firstFree = (taken: readonly HostRoute[]): Subnet => {
  const free = POOLS.find((pool) => !taken.some((route) => overlaps(route.to, pool)))
  if (free !== undefined) return free
  const first = taken.find((route) => overlaps(route.to, POOLS[0] as Subnet)) as HostRoute
  throw new RtError(
    'RT_NET_SUBNET_OVERLAP',
    `The host routes addresses of all private subnets that a bridge could get, among them ${formatSubnet(first.to)}${via(first.link)}.`,
    { remedy: 'Set network.bridge.subnet to one that nothing else needs.' },
  )
}

/** The refusal to touch an interface that is not of our making. */
export const foreign = ({ bridge, network }: Pick<BridgeSettings, 'bridge' | 'network'>, link: BridgeLink): RtError => {
  const what = link.kind === undefined ? 'An interface' : `A ${link.kind} interface`
  const other =
    network === undefined ? 'Set network.bridge.name to another name' : 'Make the network with another --opt name=...'
  return new RtError('RT_NET_BRIDGE_FOREIGN', `${what} named ${bridge} exists, and rt did not make it.`, {
    remedy: other + (link.kind === 'bridge' ? `, or hand it over with \`ip link set ${bridge} alias ${ALIAS}\`.` : '.'),
  })
}
