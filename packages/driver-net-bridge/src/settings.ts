import type { NetworkDefinition } from '@rt/driver-api'
import { parseIpv4 } from './address/ipv4.ts'
import { parseIpv6 } from './address/ipv6.ts'
import { parseSubnet, type Subnet } from './address/subnet.ts'
import { parseSubnet6, type Subnet6 } from './address/subnet6.ts'
import { readNetworkOptions } from './network-options.ts'
import type { BridgeOptions } from './options.ts'

/** The IPv6 side of a network. */
export interface Network6 {
  readonly subnet: Subnet6
  readonly gateway: bigint
  /** What containers may get by themselves; undefined: the whole subnet. */
  readonly range?: Subnet6
}

/** One network of this driver, as far as the user decides it: the own one by the config, another one by its definition. */
export interface BridgeSettings {
  readonly bridge: string
  /** What the user calls it; undefined: the driver's own. */
  readonly network?: string
  /** undefined: the first of the pools that the host does not route. */
  readonly subnet?: Subnet
  /** undefined: the first address. */
  readonly gateway?: number
  readonly range?: Subnet
  readonly ipv6: boolean
  /** undefined, where `ipv6`: a unique local one. */
  readonly v6?: Network6
  readonly mtu?: number
  readonly masquerade: boolean
  readonly internal: boolean
}

export const ownSettings = ({ name, subnet, mtu, masquerade, ipv6 }: BridgeOptions): BridgeSettings => ({
  bridge: name,
  ...(subnet && { subnet }),
  ipv6,
  ...(mtu !== undefined && { mtu }),
  masquerade,
  internal: false,
})

/** The definition is one that `define` has answered with. Throws RT_DRIVER_OPTION where somebody has edited it since. */
export const definedSettings = (definition: NetworkDefinition): BridgeSettings => {
  const { bridge = bridgeName(definition.id), masquerade = true, mtu } = readNetworkOptions(definition.options)
  const [four, six] = [false, true].map((is6) => definition.subnets.find(({ subnet }) => subnet.includes(':') === is6))
  const subnet = four && parseSubnet(four.subnet)
  const gateway = four && parseIpv4(four.gateway)
  const range = four?.ipRange === undefined ? undefined : parseSubnet(four.ipRange)
  const v6 = six && parseNetwork6(six)
  return {
    bridge,
    network: definition.name,
    ...(subnet && { subnet }),
    ...(gateway !== undefined && { gateway }),
    ...(range && { range }),
    ipv6: definition.ipv6,
    ...(v6 && { v6 }),
    ...(mtu !== undefined && { mtu }),
    masquerade,
    internal: definition.internal,
  }
}

const parseNetwork6 = (given: NetworkDefinition['subnets'][number]): Network6 | undefined => {
  const subnet = parseSubnet6(given.subnet)
  const gateway = parseIpv6(given.gateway)
  const range = given.ipRange === undefined ? undefined : parseSubnet6(given.ipRange)
  return subnet && gateway !== undefined ? { subnet, gateway, ...(range && { range }) } : undefined
}

/** 15 bytes, and no other network's: the kernel knows no longer name. */
export const bridgeName = (id: string): string => `rt-${id.slice(0, 12)}`

/** For sentences. */
export const called = ({ network, bridge }: Pick<BridgeSettings, 'network' | 'bridge'>): string =>
  network === undefined ? `the bridge ${bridge}` : `the network ${network}`
