import type { HostStep } from '@rt/driver-api'
import { formatIpv4 } from './address/ipv4.ts'
import { formatIpv6 } from './address/ipv6.ts'
import { bridgeMac } from './address/mac.ts'
import { ALIAS, type BridgeLink } from './bridge-link.ts'
import type { BridgeNetwork } from './choose-subnet.ts'

export interface BridgeState {
  readonly bridge: string
  readonly link: BridgeLink | undefined
  readonly network: BridgeNetwork
  /** Whether the kernel has IPv6 at all. */
  readonly ipv6: boolean
}

/** The host's own addresses on the bridge, with prefix length. */
export const bridgeAddresses = ({ subnet, gateway, v6 }: BridgeNetwork): readonly string[] => [
  `${formatIpv4(gateway)}/${subnet.prefix}`,
  ...(v6 === undefined ? [] : [`${formatIpv6(v6.gateway)}/${v6.subnet.prefix}`]),
]

/**
 * Makes the bridge, or completes one that an earlier start did not finish. Every step may be performed again, by any number of starts at
 * once, and the alias comes last: a bridge that has it, and is up, lacks nothing.
 */
export const bridgeSteps = ({ bridge, link, network, ipv6 }: BridgeState): readonly HostStep[] => {
  const addresses = bridgeAddresses(network)
  const complete = link?.alias === ALIAS && link.up && addresses.every((each) => link.addresses.includes(each))
  if (complete) return []
  return [
    ...(link === undefined ? [addStep(bridge, network.gateway)] : []),
    ...(ipv6 ? (network.v6 === undefined ? [noIpv6Step(bridge)] : ipv6Steps(bridge)) : []),
    ...addresses.map(
      (address): HostStep => ({
        where: 'host',
        op: 'addr.add',
        link: bridge,
        address,
        why: "The host's own address on the bridge, which is every container's default gateway.",
        see: 'ip-address(8)',
        shared: true,
      }),
    ),
    {
      where: 'host',
      op: 'link.set',
      name: bridge,
      up: true,
      alias: ALIAS,
      why: `Switches it on; the alias says that rt made it and may change it.`,
      see: 'ip-link(8)',
      shared: true,
    },
  ]
}

const addStep = (bridge: string, gateway: number): HostStep => ({
  where: 'host',
  op: 'link.add',
  name: bridge,
  kind: 'bridge',
  mac: bridgeMac(gateway),
  why:
    'A switch in the kernel that all containers are plugged into. Its MAC is fixed, because a bridge without one of its own ' +
    'takes the lowest of its ports, and changes it as containers come and go.',
  see: 'Documentation/networking/bridge.rst',
  shared: true,
  failure: {
    EOPNOTSUPP: {
      code: 'RT_NETLINK',
      message: 'This kernel cannot make bridges.',
      remedy: 'Load the module with `modprobe bridge`, or use --network=none or --network=host.',
    },
  },
})

/** CVE-2020-13401: a container that may open raw sockets sends router advertisements, and the host believes them. */
const noIpv6Step = (bridge: string): HostStep => settingStep(bridge, 'disable_ipv6', '1', NO_ROUTER)

/** Before the bridge is up, because that is when the kernel gives it its link-local address. */
const ipv6Steps = (bridge: string): readonly HostStep[] => [
  settingStep(bridge, 'accept_ra', '0', NO_ROUTER),
  settingStep(
    bridge,
    'accept_dad',
    '0',
    "For others it asks neighbours under its link-local address, and only when that is known to be nobody else's: two seconds late.",
  ),
  settingStep(bridge, 'disable_ipv6', '0', 'The bridge has IPv6, whatever other interfaces begin with.'),
]

const NO_ROUTER = 'The host must not believe router advertisements that a container sends (CVE-2020-13401).'

const settingStep = (bridge: string, setting: string, value: string, why: string): HostStep => ({
  where: 'host',
  op: 'sysctl',
  key: `net.ipv6.conf.${bridge}.${setting}`,
  value,
  why,
  see: 'Documentation/networking/ip-sysctl.rst',
  shared: true,
})
