import { booleanOption, integerOption, type OptionReader, readOptions } from '@rt/driver-api'
import { parseIpv4 } from './address/ipv4.ts'
import { formatSubnet, parseSubnet, type Subnet } from './address/subnet.ts'

export interface BridgeOptions {
  readonly name: string
  /** undefined: the first of the pools that the host does not route. */
  readonly subnet: Subnet | undefined
  /** In bytes; undefined: that of the default route's interface. */
  readonly mtu: number | undefined
  /** Whether containers reach beyond the host under the host's address. */
  readonly masquerade: boolean
}

/** Throws RT_DRIVER_OPTION. */
export const readBridgeOptions = (given: Readonly<Record<string, unknown>>): BridgeOptions => {
  const read = readOptions<{ name: string; subnet: Subnet; mtu: number; masquerade: boolean }>(
    'network.bridge',
    given,
    { name, subnet, mtu: integerOption('bytes', 1280, 65535), masquerade: booleanOption },
  )
  return { name: read.name ?? 'br0', subnet: read.subnet, mtu: read.mtu, masquerade: read.masquerade ?? true }
}

/**
 * IFNAMSIZ is 16 with the terminating null. No dot, because in sysctl keys it separates; no plus, which is iptables' wildcard;
 * `all` and `default` are taken in /proc/sys/net/ipv4/conf.
 */
const name: OptionReader<string> = {
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
    return parsed.prefix >= 8 && parsed.prefix <= 30 && isUnicast(parsed.network) ? parsed : undefined
  },
}

/** Neither "this network", nor loopback, nor multicast and above (RFC 6890). */
const isUnicast = (address: number): boolean => {
  const first = Math.floor(address / 2 ** 24)
  return first !== 0 && first !== 127 && address < (parseIpv4('224.0.0.0') as number)
}
