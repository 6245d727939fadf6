import type { HostStep } from '@rt/driver-api'
import { formatIpv4 } from './address/ipv4.ts'
import { bridgeMac } from './address/mac.ts'
import { ALIAS } from './choose-subnet.ts'
import type { BridgeObservation } from './plan.ts'

/**
 * Makes the bridge, or completes one that an earlier start did not finish. Every step may be performed again, by any number of starts at
 * once, and the alias comes last: a bridge that has it, and is up, lacks nothing.
 */
export const bridgeSteps = (
  observed: Pick<BridgeObservation, 'bridge' | 'link' | 'network' | 'ipv6'>,
): readonly HostStep[] => {
  const { bridge, link, network } = observed
  const address = `${formatIpv4(network.gateway)}/${network.subnet.prefix}`
  if (link !== undefined && link.alias === ALIAS && link.up && link.addresses.includes(address)) return []
  return [
    ...(link === undefined ? [addStep(bridge, network.gateway)] : []),
    ...(observed.ipv6 ? [noIpv6Step(bridge)] : []),
    {
      where: 'host',
      op: 'addr.add',
      link: bridge,
      address,
      why: "The host's own address on the bridge, which is every container's default gateway.",
      see: 'ip-address(8)',
      shared: true,
    },
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
const noIpv6Step = (bridge: string): HostStep => ({
  where: 'host',
  op: 'sysctl',
  key: `net.ipv6.conf.${bridge}.disable_ipv6`,
  value: '1',
  why: 'The host must not believe router advertisements that a container sends (CVE-2020-13401).',
  see: 'Documentation/networking/ip-sysctl.rst',
  shared: true,
})
