import {
  booleanOption,
  choiceOption,
  declaredOptions,
  integerOption,
  interfaceNameOption,
  type OptionReader,
  option,
} from '@rt/driver-api'
import { parseIpv4 } from './address/ipv4.ts'
import { parseIpv6 } from './address/ipv6.ts'
import { formatSubnet, parseSubnet, type Subnet } from './address/subnet.ts'

export const FIREWALLS = ['iptables', 'nftables'] as const
export type FirewallName = (typeof FIREWALLS)[number]

/** The section `network.bridge` of the config. */
export interface BridgeOptions {
  readonly name: string
  /** undefined: the first of the pools that the host does not route. */
  readonly subnet: Subnet | undefined
  /** In bytes; undefined: that of the default route's interface. */
  readonly mtu: number | undefined
  /** Whether containers reach beyond the host under the host's address. */
  readonly masquerade: boolean
  /** Whether the bridge has IPv6 as well, with a unique local subnet. */
  readonly ipv6: boolean
  /** Where a published port listens that was given no address; undefined: on all. */
  readonly publishAddress: string | undefined
  /** What rules are made with, for all networks of this driver. */
  readonly firewall: FirewallName
}

/** IPv6's least MTU is what every link on the internet carries; a veth takes at most 65535. */
export const mtuOption = integerOption('bytes', 1280, 65535)

const subnet: OptionReader<Subnet> = {
  expected: 'an IPv4 subnet from /8 to /30 without host bits, such as 172.16.0.0/16',
  read: (value) => {
    const parsed = typeof value === 'string' ? parseSubnet(value) : undefined
    if (parsed === undefined || formatSubnet(parsed) !== value) return undefined
    return isUsable(parsed) ? parsed : undefined
  },
}

const publishAddress: OptionReader<string> = {
  expected: 'an IPv4 or IPv6 address of this host, such as 127.0.0.1, or 0.0.0.0 for all',
  read: (value) =>
    typeof value === 'string' && (parseIpv4(value) ?? parseIpv6(value)) !== undefined ? value : undefined,
}

export const OPTIONS = {
  name: option(interfaceNameOption, { description: "The bridge's name.", default: 'br0' }),
  subnet: option(subnet, {
    description: "The containers' addresses; the host has the first one.",
    unset: 'the first pool that the host does not route, from 172.16.0.0/16 on',
  }),
  mtu: option(mtuOption, { description: 'In bytes.', unset: "that of the default route's interface" }),
  masquerade: option(booleanOption, {
    description: "Whether containers reach beyond the host under the host's address.",
    default: true,
  }),
  ipv6: option(booleanOption, {
    description: 'Whether the bridge has IPv6 as well, with a unique local subnet.',
    default: false,
  }),
  publishAddress: option(publishAddress, {
    description: 'Where a published port listens that was given no address.',
    unset: 'on all addresses',
  }),
  firewall: option(choiceOption(...FIREWALLS), {
    description: 'What rules are made with, for all networks of this driver.',
    default: 'iptables',
  }),
}

/** Throws RT_DRIVER_OPTION. */
export const readBridgeOptions = (given: Readonly<Record<string, unknown>>): BridgeOptions =>
  declaredOptions('network.bridge', given, OPTIONS)

/** /8 to /30; neither "this network", nor loopback, nor multicast and above (RFC 6890). */
export const isUsable = ({ network, prefix }: Subnet): boolean => {
  const first = Math.floor(network / 2 ** 24)
  return prefix >= 8 && prefix <= 30 && first !== 0 && first !== 127 && first < 224
}
