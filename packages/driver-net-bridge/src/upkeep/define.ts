import { type NetworkDefinition, type NetworkWish, RtError } from '@rt/driver-api'
import { observeLink } from '@rt/native'
import { formatIpv4 } from '../address/ipv4.ts'
import { formatIpv6 } from '../address/ipv6.ts'
import { formatSubnet } from '../address/subnet.ts'
import { formatSubnet6 } from '../address/subnet6.ts'
import { isOurs } from '../bridge-link.ts'
import { foreign } from '../choose-subnet.ts'
import { numbersOf } from '../leases/numbers.ts'
import { readNetworkOptions } from '../network-options.ts'
import { noIpv6 } from '../no-ipv6.ts'
import { describeLink, hasIpv6, hostRoutes } from '../observe.ts'
import { bridgeName, definedSettings } from '../settings.ts'
import type { BridgeDriver } from './bridge-driver.ts'
import { neighbours } from './neighbours.ts'
import { choose4, choose6 } from './ranges.ts'
import { invalid, readSubnets } from './read-subnets.ts'

/**
 * Checks what a user asks for against the host and the other networks, and chooses what was left open. Changes nothing.
 * Errors: RT_NET_SUBNET_INVALID, RT_NET_SUBNET_OVERLAP, RT_NET_BRIDGE_FOREIGN, RT_NET_NO_IPV6, RT_DRIVER_OPTION.
 */
export const define = (
  driver: BridgeDriver,
  wish: NetworkWish,
  others: readonly NetworkDefinition[],
): NetworkDefinition => {
  const { bridge = bridgeName(wish.id) } = readNetworkOptions(wish.options)
  const asked = readSubnets(wish.subnets)
  const ipv6 = wish.ipv6 || asked.six !== undefined
  if (ipv6 && !hasIpv6()) throw noIpv6({ bridge, network: wish.name })
  checkName(driver, bridge, wish.name, others)
  const settings = { bridge, network: wish.name }
  const routes = hostRoutes()
  const taken = neighbours(driver, others, routes)
  const four = choose4(settings, asked.four, routes, taken)
  const six = ipv6 ? choose6(settings, asked.six, routes, taken) : undefined
  const network = { ...four, ...(six && { v6: six }) }
  const { first, last } = numbersOf(network)
  if (first > last) {
    throw invalid('The IPv4 and the IPv6 range have no number in common that a container could have in both.')
  }
  return {
    ...wish,
    ipv6,
    subnets: [
      {
        subnet: formatSubnet(four.subnet),
        gateway: formatIpv4(four.gateway),
        ...(four.range && { ipRange: formatSubnet(four.range) }),
      },
      ...(six === undefined
        ? []
        : [
            {
              subnet: formatSubnet6(six.subnet),
              gateway: formatIpv6(six.gateway),
              ...(six.range && { ipRange: formatSubnet6(six.range) }),
            },
          ]),
    ],
  }
}

/** An interface belongs to one network. */
const checkName = (
  { options }: BridgeDriver,
  bridge: string,
  name: string,
  others: readonly NetworkDefinition[],
): void => {
  const owner =
    bridge === options.name
      ? "the driver's own network"
      : others
          .filter((other) => definedSettings(other).bridge === bridge)
          .map((other) => `the network ${other.name}`)[0]
  if (owner !== undefined) {
    throw new RtError('RT_DRIVER_OPTION', `The bridge ${bridge} is that of ${owner}.`, {
      remedy: 'Choose another --opt name=..., or leave it out.',
    })
  }
  const found = observeLink(bridge)
  const link = found && describeLink(found)
  if (link !== undefined && !isOurs(link)) throw foreign({ bridge, network: name }, link)
}
