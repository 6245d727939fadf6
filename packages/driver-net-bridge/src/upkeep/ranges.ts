import { RtError } from '@rt/driver-api'
import { NETWORK_POOLS } from '../address/pools.ts'
import { formatSubnet, gatewayOf, overlaps } from '../address/subnet.ts'
import { formatSubnet6, overlaps6 } from '../address/subnet6.ts'
import { freeLocal } from '../choose-subnet6.ts'
import { type HostRoutes, isClaim, overlapping } from '../host-routes.ts'
import type { BridgeSettings, Network6 } from '../settings.ts'
import type { Neighbour } from './neighbours.ts'
import type { Network4 } from './read-subnets.ts'

type Names = Pick<BridgeSettings, 'bridge' | 'network'>

/** The subnet that is asked for, or the first that nobody has. Throws RT_NET_SUBNET_OVERLAP. */
export const choose4 = (
  settings: Names,
  asked: Network4 | undefined,
  routes: HostRoutes,
  others: readonly Neighbour[],
): Network4 => {
  const claims = routes.v4.filter((route) => isClaim(route, settings.bridge))
  if (asked === undefined) {
    const taken = [...claims.map(({ to }) => to), ...others.flatMap(({ subnet }) => subnet ?? [])]
    const subnet = NETWORK_POOLS.find((pool) => !taken.some((each) => overlaps(each, pool)))
    if (subnet === undefined) throw noneLeft()
    return { subnet, gateway: gatewayOf(subnet) }
  }
  const subnet = formatSubnet(asked.subnet)
  // First the networks: a bridge that is up is a route of the host as well, but its name says less.
  const other = others.find((each) => each.subnet && overlaps(each.subnet, asked.subnet))
  if (other?.subnet) throw overlappingNetwork(subnet, other, formatSubnet(other.subnet))
  const route = claims.find(({ to }) => overlaps(to, asked.subnet))
  if (route !== undefined) throw overlapping(settings, subnet, formatSubnet(route.to), route.link)
  return asked
}

export const choose6 = (
  settings: Names,
  asked: Network6 | undefined,
  routes: HostRoutes,
  others: readonly Neighbour[],
): Network6 => {
  const claims = routes.v6.filter((route) => isClaim(route, settings.bridge))
  if (asked === undefined) {
    const networks = others.flatMap(({ subnet6 }) => (subnet6 === undefined ? [] : [{ to: subnet6 }]))
    return freeLocal(settings.network ?? settings.bridge, [...claims, ...networks])
  }
  const subnet = formatSubnet6(asked.subnet)
  const other = others.find((each) => each.subnet6 && overlaps6(each.subnet6, asked.subnet))
  if (other?.subnet6) throw overlappingNetwork(subnet, other, formatSubnet6(other.subnet6))
  const route = claims.find(({ to }) => overlaps6(to, asked.subnet))
  if (route !== undefined) throw overlapping(settings, subnet, formatSubnet6(route.to), route.link)
  return asked
}

const overlappingNetwork = (subnet: string, other: Neighbour, has: string): RtError =>
  new RtError(
    'RT_NET_SUBNET_OVERLAP',
    `The subnet ${subnet} overlaps ${has}, which ${other.name} has (${other.bridge}).`,
    {
      remedy: 'Choose another --subnet, or leave it out: rt then finds a free one.',
    },
  )

const noneLeft = (): RtError =>
  new RtError('RT_NET_SUBNET_OVERLAP', 'The host routes addresses of all subnets that a network could get by itself.', {
    remedy: 'Choose one with --subnet that nothing else needs, or remove a network.',
  })
