import { boolean, string } from '@oclif/core/flags'
import { type NetworkSubnet, RtError } from '@rt/driver-api'
import { parseLabels } from '@rt/runtime'
import type { ParsedFlags, RtCommand } from '../command.ts'
import { many } from '../flags/many.ts'
import { print } from '../output.ts'

export const command: RtCommand = {
  summary: 'Define a network for containers of your own',
  description:
    'Its containers reach each other, by name too, and the outside; containers of other networks do not reach them. It comes into being with its first container.',
  usage: '[OPTIONS] NETWORK',
  examples: [
    'rt network create web',
    'rt network create --subnet=10.5.0.0/16 --ip-range=10.5.1.0/24 --ipv6 --opt mtu=1400 web',
    'rt network create --internal db',
  ],
  flags: {
    driver: string({ char: 'd', summary: 'a network driver; bridge', helpValue: 'DRIVER' }),
    subnet: string({ summary: 'its addresses: 10.5.0.0/16, fd00:5::/64', helpValue: 'CIDR', ...many }),
    gateway: string({ summary: "the host's own address in a subnet", helpValue: 'ADDRESS', ...many }),
    'ip-range': string({ summary: 'containers get addresses of this part of a subnet', helpValue: 'CIDR', ...many }),
    internal: boolean({ summary: 'no way out of it, and none in' }),
    ipv6: boolean({ summary: 'with IPv6 addresses as well' }),
    opt: string({ char: 'o', summary: "an option of the driver's", helpValue: 'KEY=VALUE', ...many }),
    label: string({ summary: 'metadata of your own', helpValue: 'KEY[=VALUE]', ...many }),
    // What Docker's scripts give, and what is so anyway.
    attachable: boolean({ hidden: true }),
    scope: string({ hidden: true, options: ['local'] }),
  },
  words: { least: 1, most: 1 },
  run: async ({ flags, words: [name = ''], runtime }) => {
    const driver = flags.text('driver')
    const networks = await (await runtime()).networks()
    const { definition } = await networks.create({
      name,
      ...(driver !== undefined && { driver }),
      subnets: subnets(flags),
      internal: flags.on('internal'),
      ipv6: flags.on('ipv6'),
      options: options(flags.texts('opt')),
      labels: parseLabels([], flags.texts('label')),
    })
    print(definition.id)
    return 0
  },
}

const usage = (message: string, remedy: string): RtError => new RtError('RT_USAGE', message, { remedy, exitCode: 1 })

const options = (texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=')
      // As in Docker: `--opt internal` is `--opt internal=`.
      return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
    }),
  )

/** A gateway and a range belong to the subnet of their own family; with several of that family to the one in the same place. */
const subnets = (flags: ParsedFlags): NetworkSubnet[] => {
  const given = flags.texts('subnet')
  const gateways = assign(given, flags.texts('gateway'), '--gateway')
  const ranges = assign(given, flags.texts('ip-range'), '--ip-range')
  return given.map((subnet, index) => ({
    subnet,
    ...(gateways[index] !== undefined && { gateway: gateways[index] }),
    ...(ranges[index] !== undefined && { ipRange: ranges[index] }),
  }))
}

const isV6 = (text: string): boolean => text.includes(':')

const assign = (subnets: readonly string[], values: readonly string[], flag: string): (string | undefined)[] => {
  const assigned: (string | undefined)[] = subnets.map(() => undefined)
  for (const value of values) {
    const index = subnets.findIndex((subnet, at) => assigned[at] === undefined && isV6(subnet) === isV6(value))
    if (index < 0) throw usage(`${flag} ${value} has no --subnet that it belongs to`, 'Give the subnet, too.')
    assigned[index] = value
  }
  return assigned
}
