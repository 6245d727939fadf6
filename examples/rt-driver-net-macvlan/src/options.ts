import {
  booleanOption,
  choiceOption,
  declaredOptions,
  interfaceNameOption,
  type OptionReader,
  type OptionValues,
  option,
} from '@rt/driver-api'
import { parseIpv4, parseSubnet } from './ipv4.ts'

export const MODES = ['bridge', 'private', 'vepa', 'passthru', 'ipvlan-l2', 'ipvlan-l3', 'ipvlan-l3s'] as const
export type Mode = (typeof MODES)[number]

const subnetOption: OptionReader<string> = {
  expected: 'an IPv4 subnet without host bits, such as 192.168.1.0/24',
  read: (value) => (typeof value === 'string' && parseSubnet(value) ? value : undefined),
}

const addressOption: OptionReader<string> = {
  expected: 'an IPv4 address',
  read: (value) => (typeof value === 'string' && parseIpv4(value) !== undefined ? value : undefined),
}

/** The section `network.macvlan` of the config. */
export const OPTIONS = {
  parent: option(interfaceNameOption, {
    description: "The host's interface on the local network.",
    unset: "the default route's",
  }),
  mode: option(choiceOption(...MODES), {
    description: 'How containers are connected with the parent: a mode of macvlan, or ipvlan with one of its modes.',
    default: 'bridge',
  }),
  subnet: option(subnetOption, { description: 'The local network.', unset: "that of the parent's address" }),
  range: option(subnetOption, {
    description:
      'The part of the subnet that containers get addresses of. Its DHCP server must not give them to others.',
    unset: 'every container needs --ip',
  }),
  gateway: option(addressOption, { description: 'The way out.', unset: "that of the host's default route" }),
  ipv6: option(booleanOption, {
    description: 'Whether containers give themselves IPv6 addresses by router advertisements.',
    default: false,
  }),
} as const

export type MacvlanOptions = OptionValues<typeof OPTIONS>

/** @throws RtError RT_DRIVER_OPTION */
export const readMacvlanOptions = (given: Readonly<Record<string, unknown>>): MacvlanOptions =>
  declaredOptions('network.macvlan', given, OPTIONS)

const { parent, mode, ipv6 } = OPTIONS
export const NETWORK_OPTIONS = { parent, mode, ipv6 } as const
