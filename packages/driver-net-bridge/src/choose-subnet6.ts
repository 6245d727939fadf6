import { parseIpv6 } from './address/ipv6.ts'
import { formatSubnet6, gatewayOf6, isLinkLocal, overlaps6, parseSubnet6, type Subnet6 } from './address/subnet6.ts'
import { localSubnet, machineId } from './address/ula.ts'
import type { BridgeLink } from './bridge-link.ts'
import { type HostRoute, type HostRoutes, isClaim, overlapping } from './host-routes.ts'
import type { BridgeSettings, Network6 } from './settings.ts'

/**
 * The IPv6 side of a network: what it was defined with, what the bridge has already, or a unique local /64 that the host does not
 * route. Throws RT_NET_SUBNET_OVERLAP.
 */
export const choose6 = (settings: BridgeSettings, link: BridgeLink | undefined, routes: () => HostRoutes): Network6 => {
  const existing = networkOf6(link)
  if (settings.v6 === undefined) {
    return (
      existing ??
      freeLocal(
        settings.bridge,
        routes().v6.filter((route) => isClaim(route, settings.bridge)),
      )
    )
  }
  const { subnet } = settings.v6
  // A bridge that has it already was checked when it got it.
  if (existing !== undefined && formatSubnet6(existing.subnet) === formatSubnet6(subnet)) return settings.v6
  const conflict = routes().v6.find((route) => isClaim(route, settings.bridge) && overlaps6(route.to, subnet))
  if (conflict === undefined) return settings.v6
  throw overlapping(settings, formatSubnet6(subnet), formatSubnet6(conflict.to), conflict.link)
}

/** A unique local subnet for `name` that nobody of `taken` claims. */
export const freeLocal = (name: string, taken: readonly Pick<HostRoute<Subnet6>, 'to'>[]): Network6 => {
  const machine = machineId()
  for (let attempt = 0; ; attempt++) {
    const subnet = localSubnet(machine, name, attempt)
    if (!taken.some((route) => overlaps6(route.to, subnet))) return { subnet, gateway: gatewayOf6(subnet) }
  }
}

const networkOf6 = (link: BridgeLink | undefined): Network6 | undefined => {
  for (const address of link?.addresses ?? []) {
    const gateway = parseIpv6(address.split('/')[0] ?? '')
    const subnet = parseSubnet6(address)
    if (gateway !== undefined && subnet !== undefined && !isLinkLocal(gateway)) return { subnet, gateway }
  }
  return undefined
}
