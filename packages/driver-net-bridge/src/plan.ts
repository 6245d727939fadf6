import type { HostStep, NetworkPlan, NetworkRequest } from '@rt/driver-api'
import { formatIpv4 } from './address/ipv4.ts'
import { formatIpv6 } from './address/ipv6.ts'
import { containerMac } from './address/mac.ts'
import type { BridgeLink } from './bridge-link.ts'
import { bridgeSteps } from './bridge-steps.ts'
import { anyTag, cableSteps, outsideName, unplugStep } from './cable-steps.ts'
import type { BridgeNetwork } from './choose-subnet.ts'
import type { PublishPlan } from './firewall/firewall.ts'
import { type Forwarding, type Forwarding6, forwarding6Steps, forwardingSteps } from './forwarding.ts'
import { announceSteps, birthSteps, insideSteps } from './inside-steps.ts'
import type { Lease } from './leases/lease-store.ts'
import { DRIVER_NAME } from './paths.ts'

/** What is known of the host, and what was chosen for this container, when its plan is made. */
export interface BridgeObservation {
  readonly bridge: string
  readonly link: BridgeLink | undefined
  readonly network: BridgeNetwork
  readonly internal: boolean
  readonly lease: Lease
  readonly mtu: number
  readonly forwarding: Forwarding
  /** undefined: nothing to change. */
  readonly forwarding6: Forwarding6 | undefined
  /** Whether the kernel has IPv6 at all. */
  readonly ipv6: boolean
  /** The steps that complete the bridge's rules. */
  readonly rules: readonly HostStep[]
  /** The container's own rules, with the file that tells of them; undefined: it publishes nothing. */
  readonly published: PublishPlan | undefined
  readonly resolvConf: string
}

/** The container's interface inside, where the request does not name another. */
const INSIDE = 'eth0'

/** The whole driver as a function of what is asked for and what is there. */
export const planBridge = (request: NetworkRequest, observed: BridgeObservation): NetworkPlan => {
  const { network, lease, bridge, mtu, published } = observed
  const { container, primary = true, interface: name = INSIDE, mac = containerMac(lease.address) } = request
  const addresses = addressesOf(network, lease)
  const gateways = gatewaysOf(network)
  const tag = request.ip === undefined && request.ip6 === undefined ? container.id : anyTag()
  const outside = outsideName(tag, lease.address)
  const wayOut = primary && !observed.internal
  return {
    namespace: 'new',
    enter: [
      ...bridgeSteps(observed),
      ...(observed.internal
        ? []
        : [...forwardingSteps(observed.forwarding), ...forwarding6Steps(observed.forwarding6)]),
      ...observed.rules,
      ...birthSteps(observed.ipv6, network.v6 !== undefined),
      ...cableSteps({ bridge, outside, inside: name, mac, mtu, hairpin: published !== undefined }),
      ...insideSteps({ name, addresses, gateways: wayOut ? gateways : [] }),
      ...(request.mac === undefined ? [] : announceSteps(outside, name, mac)),
      ...(published?.enter ?? []),
    ],
    leave: [...(published?.leave ?? []), ...leaseSteps(container.id, lease)],
    disconnect: [unplugStep(outside)],
    attachment: {
      driver: DRIVER_NAME,
      interfaces: [
        { name, mac, mtu, hostEnd: outside, addresses, ...(observed.internal ? {} : namedGateways(gateways)) },
      ],
      resolvConf: observed.resolvConf,
    },
  }
}

const addressesOf = ({ subnet, v6 }: BridgeNetwork, { address, address6 }: Lease): readonly string[] => [
  `${formatIpv4(address)}/${subnet.prefix}`,
  ...(v6 === undefined || address6 === undefined ? [] : [`${formatIpv6(address6)}/${v6.subnet.prefix}`]),
]

const gatewaysOf = ({ gateway, v6 }: BridgeNetwork): readonly [string, ...string[]] => [
  formatIpv4(gateway),
  ...(v6 === undefined ? [] : [formatIpv6(v6.gateway)]),
]

const namedGateways = ([gateway, gateway6]: readonly [string, ...string[]]) => ({
  gateway,
  ...(gateway6 !== undefined && { gateway6 }),
})

const leaseSteps = (id: string, { address, files }: Lease): readonly HostStep[] =>
  files.map((path) => ({
    where: 'host',
    op: 'file.remove',
    path,
    holding: id,
    why: `Gives ${formatIpv4(address)} back; the veth pair went with the container's network namespace.`,
  }))
