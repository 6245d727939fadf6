import { declaredOptions, type NetworkDefinition, type NetworkWish, RtError } from '@rt/driver-api'
import { contains, formatIpv4, formatSubnet, isWithin, parseIpv4, parseSubnet, type Subnet, size } from './ipv4.ts'
import { type Lan, observeLan } from './lan.ts'
import { type MacvlanOptions, type Mode, NETWORK_OPTIONS } from './options.ts'

/** One network, with nothing left open. */
export interface Settings {
  readonly lan: Lan
  readonly mode: Mode
  readonly subnet: Subnet
  /** undefined: only those that ask for an address get one. */
  readonly range: Subnet | undefined
  /** undefined: there is no way out. */
  readonly gateway: number | undefined
  readonly ipv6: boolean
}

/** The driver's own network, from its options and what the host has. @throws RtError RT_MACVLAN_PARENT, RT_NET_SUBNET_INVALID */
export const ownSettings = (options: MacvlanOptions): Settings => {
  const lan = observeLan(options.parent)
  const subnet = options.subnet === undefined ? lan.subnet : parseSubnet(options.subnet)
  if (subnet === undefined)
    throw new RtError(
      'RT_NET_SUBNET_INVALID',
      `The interface ${lan.parent} has no IPv4 address that tells the local network`,
      {
        remedy: 'Give it: network.macvlan.subnet.',
      },
    )
  const range = options.range === undefined ? undefined : parseSubnet(options.range)
  const gateway = options.gateway === undefined ? lan.gateway : parseIpv4(options.gateway)
  return checked({ lan, mode: options.mode, subnet, range, gateway, ipv6: options.ipv6 })
}

/** A network that the user defined. */
export const definedSettings = (
  { subnets, internal, options }: NetworkDefinition,
  defaults: MacvlanOptions,
): Settings => {
  const given = readNetworkOptions(options)
  const [first] = subnets
  const lan = observeLan(given.parent ?? defaults.parent)
  return {
    lan,
    mode: given.mode,
    subnet: parseSubnet(first?.subnet ?? '') as Subnet,
    range: first?.ipRange === undefined ? undefined : parseSubnet(first.ipRange),
    gateway: internal || first === undefined ? undefined : parseIpv4(first.gateway),
    ipv6: given.ipv6,
  }
}

/** For `rt network create`. @throws RtError RT_NET_SUBNET_INVALID, RT_NET_NO_IPV6, RT_DRIVER_OPTION, RT_MACVLAN_PARENT */
export const defineNetwork = (wish: NetworkWish, defaults: MacvlanOptions): NetworkDefinition => {
  const [asked, ...more] = wish.subnets
  if (wish.ipv6 || more.length > 0 || asked?.subnet.includes(':'))
    throw new RtError('RT_NET_NO_IPV6', 'A macvlan network has one subnet, of IPv4', {
      remedy: 'Containers find IPv6 addresses by router advertisements: --opt ipv6=true.',
    })
  const { parent, mode, ipv6 } = readNetworkOptions(wish.options)
  const own = ownSettings({
    ...defaults,
    parent: parent ?? defaults.parent,
    mode,
    ipv6,
    ...(asked && { subnet: asked.subnet, gateway: asked.gateway, range: asked.ipRange }),
  })
  // Where the wire has no router that the host knows, Docker's choice: the first address.
  const gateway = own.gateway !== undefined && contains(own.subnet, own.gateway) ? own.gateway : own.subnet.first + 1
  return {
    ...wish,
    subnets: [
      {
        subnet: formatSubnet(own.subnet),
        gateway: formatIpv4(gateway),
        // As in Docker: who says nothing has a wire to himself.
        ...((own.range ?? asked) && { ipRange: formatSubnet(own.range ?? own.subnet) }),
      },
    ],
  }
}

const readNetworkOptions = (given: Readonly<Record<string, string>>) => declaredOptions('--opt', given, NETWORK_OPTIONS)

/** Which addresses may be tried for a container, `ip` being the one that it asks for. @throws RtError RT_NET_ADDRESS_INVALID, RT_DRIVER_OPTION */
export const candidates = (settings: Settings, ip: string | undefined): Iterable<number> => {
  const { subnet, range, gateway, lan } = settings
  const last = subnet.first + size(subnet) - 1
  const isFree = (address: number) =>
    contains(subnet, address) &&
    address !== subnet.first &&
    address !== last &&
    address !== gateway &&
    !lan.addresses.includes(address)
  if (ip !== undefined) {
    const address = parseIpv4(ip)
    if (address !== undefined && isFree(address)) return [address]
    throw new RtError('RT_NET_ADDRESS_INVALID', `The address ${ip} cannot be a container's on ${formatSubnet(subnet)}`)
  }
  if (range === undefined)
    throw new RtError(
      'RT_DRIVER_OPTION',
      `The local network ${formatSubnet(subnet)} is shared with others, and nothing says which of its addresses are rt's`,
      {
        remedy:
          'Set network.macvlan.range to a part that its DHCP server leaves alone, or give the container an address: --ip.',
      },
    )
  return (function* () {
    for (let address = range.first; address < range.first + size(range); address++) if (isFree(address)) yield address
  })()
}

const checked = (settings: Settings): Settings => {
  const { subnet, range, gateway } = settings
  if (range && !isWithin(range, subnet))
    throw new RtError('RT_NET_SUBNET_INVALID', `The range ${formatSubnet(range)} is not within ${formatSubnet(subnet)}`)
  // A gateway elsewhere is that of the host's own subnet, and not of the one that was given.
  return gateway !== undefined && !contains(subnet, gateway) ? { ...settings, gateway: undefined } : settings
}
