import { booleanOption, integerOption, type OptionReader, readOptions } from '@rt/driver-api'
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

type Given = { -readonly [K in keyof BridgeOptions]: NonNullable<BridgeOptions[K]> }

/** Throws RT_DRIVER_OPTION. */
export const readBridgeOptions = (given: Readonly<Record<string, unknown>>): BridgeOptions => {
  const read = readOptions<Given>('network.bridge', given, {
    name: interfaceName,
    subnet,
    mtu: mtuOption,
    masquerade: booleanOption,
    ipv6: booleanOption,
    publishAddress,
    firewall,
  })
  return {
    name: read.name ?? 'br0',
    subnet: read.subnet,
    mtu: read.mtu,
    masquerade: read.masquerade ?? true,
    ipv6: read.ipv6 ?? false,
    publishAddress: read.publishAddress,
    firewall: read.firewall ?? 'iptables',
  }
}

/** IPv6's least MTU is what every link on the internet carries; a veth takes at most 65535. */
export const mtuOption = integerOption('bytes', 1280, 65535)

/**
 * IFNAMSIZ is 16 with the terminating null. No dot, because in sysctl keys it separates; no plus, which is iptables' wildcard;
 * `all` and `default` are taken in /proc/sys/net/ipv4/conf.
 */
export const interfaceName: OptionReader<string> = {
  expected: 'an interface name: at most 15 letters, digits, `-` and `_`, beginning with a letter',
  read: (value) =>
    typeof value === 'string' &&
    /^[A-Za-z][A-Za-z0-9_-]{0,14}$/.test(value) &&
    !['all', 'default', 'lo'].includes(value)
      ? value
      : undefined,
}

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

const firewall: OptionReader<FirewallName> = {
  expected: FIREWALLS.join(' or '),
  read: (value) => FIREWALLS.find((each) => each === value),
}

/** /8 to /30; neither "this network", nor loopback, nor multicast and above (RFC 6890). */
export const isUsable = ({ network, prefix }: Subnet): boolean => {
  const first = Math.floor(network / 2 ** 24)
  return prefix >= 8 && prefix <= 30 && first !== 0 && first !== 127 && first < 224
}
