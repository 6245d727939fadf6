import { isRtError, type NetworkDefinition, type NetworkSight } from '@rt/driver-api'
import { observeNetwork } from '@rt/native'
import { formatIpv4 } from '../address/ipv4.ts'
import { formatIpv6 } from '../address/ipv6.ts'
import { formatSubnet } from '../address/subnet.ts'
import { formatSubnet6 } from '../address/subnet6.ts'
import { chooseSubnet } from '../choose-subnet.ts'
import { findBridge, hostRoutes } from '../observe.ts'
import { type BridgeSettings, definedSettings, ownSettings } from '../settings.ts'
import type { BridgeDriver } from './bridge-driver.ts'

/** The bridge as the kernel has it now, and the subnets that it has or would get. */
export const look = ({ options }: Pick<BridgeDriver, 'options'>, network?: NetworkDefinition): NetworkSight => {
  const settings = network === undefined ? ownSettings(options) : definedSettings(network)
  const { bridge, internal, masquerade } = settings
  const { links, addresses } = observeNetwork()
  const way = internal ? 'none' : masquerade ? 'nat' : 'routed'
  const subnets = network === undefined ? subnetsOf(settings) : undefined
  const seen = { way, ...(subnets && { subnets }) } as const
  if (!links.some(({ name }) => name === bridge)) return seen
  const device = {
    name: bridge,
    addresses: addresses.flatMap(({ link, address }) => (link === bridge && !isLinkLocal(address) ? [address] : [])),
    ports: links.flatMap(({ name, master }) => (master === bridge ? [name] : [])),
  }
  return { ...seen, device }
}

/** undefined: none can be had, which whoever starts a container is told. */
const subnetsOf = (settings: BridgeSettings): NetworkSight['subnets'] => {
  try {
    const { subnet, gateway, v6 } = chooseSubnet(settings, findBridge(settings.bridge)?.link, hostRoutes)
    const four = { subnet: formatSubnet(subnet), gateway: formatIpv4(gateway) }
    return v6 ? [four, { subnet: formatSubnet6(v6.subnet), gateway: formatIpv6(v6.gateway) }] : [four]
  } catch (error) {
    if (isRtError(error)) return undefined
    throw error
  }
}

/** Every IPv6 interface has one; it says nothing about the network. */
const isLinkLocal = (address: string): boolean => address.startsWith('fe80:')
