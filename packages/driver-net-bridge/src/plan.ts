import { dirname, join } from 'node:path'
import type { HostStep, NetnsStep, NetworkPlan, NetworkRequest } from '@rt/driver-api'
import { formatIpv4, hexIpv4 } from './address/ipv4.ts'
import { containerMac } from './address/mac.ts'
import { bridgeSteps } from './bridge-steps.ts'
import type { BridgeLink, BridgeNetwork } from './choose-subnet.ts'

/** What is known of the host, and what was chosen for this container, when its plan is made. */
export interface BridgeObservation {
  readonly bridge: string
  readonly link: BridgeLink | undefined
  readonly network: BridgeNetwork
  /** The container's. */
  readonly address: number
  /** The file that holds `address`. */
  readonly lease: string
  readonly mtu: number
  readonly forwarding: boolean
  /** Where it is kept that the host did not forward before rt came. */
  readonly forwardingFile: string
  readonly ipv6: boolean
  /** What the bridge's rules lack. */
  readonly firewall: readonly HostStep[]
  readonly resolvConf: string
}

export const DRIVER_NAME = 'bridge'

/** The container's interface inside. */
const INSIDE = 'eth0'

export const planBridge = (request: NetworkRequest, observed: BridgeObservation): NetworkPlan => {
  const { network, address, mtu } = observed
  const gateway = formatIpv4(network.gateway)
  const cidr = `${formatIpv4(address)}/${network.subnet.prefix}`
  return {
    namespace: 'new',
    enter: [
      ...bridgeSteps(observed),
      ...forwardingSteps(observed),
      ...observed.firewall,
      ...noIpv6Steps(observed.ipv6),
      ...cableSteps(outsideName(request.container.id, address), observed),
      ...insideSteps(cidr, gateway),
    ],
    leave: [
      {
        where: 'host',
        op: 'file.remove',
        path: observed.lease,
        holding: request.container.id,
        why: `Gives ${formatIpv4(address)} back; the veth pair went with the container's network namespace.`,
      },
    ],
    attachment: {
      driver: DRIVER_NAME,
      interfaces: [{ name: INSIDE, mac: containerMac(address), mtu, addresses: [cidr], gateway }],
      resolvConf: observed.resolvConf,
    },
  }
}

/**
 * The veth's name on the host, 15 bytes. The address is part of it, because the kernel destroys a namespace some time after its last
 * process: a container that is restarted at once, with its next address, must not meet its own former veth.
 */
export const outsideName = (id: string, address: number): string => `rt${id.slice(0, 9)}${hexIpv4(address).slice(4)}`

export const FORWARDING_KEY = 'net.ipv4.ip_forward'

/** Empty where the host forwards already. */
export const forwardingSteps = (
  observed: Pick<BridgeObservation, 'forwarding' | 'forwardingFile'>,
): readonly HostStep[] =>
  observed.forwarding
    ? []
    : [
        {
          where: 'host',
          op: 'dir.make',
          path: dirname(observed.forwardingFile),
          mode: 0o700,
          why: 'What rt knows of this host for as long as it is up lies here.',
          shared: true,
        },
        {
          where: 'host',
          op: 'file.write',
          path: observed.forwardingFile,
          content: '0\n',
          mode: 0o600,
          why: 'Remembers that this host did not forward packets, so that `rt system reset` can put it back.',
          shared: true,
        },
        {
          where: 'host',
          op: 'sysctl',
          key: FORWARDING_KEY,
          value: '1',
          why: 'Makes the host a router: it passes packets on between the bridge and its other interfaces.',
          see: 'Documentation/networking/ip-sysctl.rst',
          shared: true,
        },
      ]

const cableSteps = (outside: string, { bridge, address, mtu }: BridgeObservation): readonly HostStep[] => [
  {
    where: 'host',
    op: 'link.add',
    name: outside,
    kind: 'veth',
    mtu,
    peer: { name: INSIDE, mac: containerMac(address), mtu },
    why: "A cable with two ends: one stays on the host, the other is born as eth0 in the container's namespace.",
    see: 'veth(4)',
    failure: {
      EOPNOTSUPP: {
        code: 'RT_NETLINK',
        message: 'This kernel cannot make veth pairs.',
        remedy: 'Load the module with `modprobe veth`, or use --network=none or --network=host.',
      },
    },
  },
  {
    where: 'host',
    op: 'link.set',
    name: outside,
    master: bridge,
    up: true,
    why: `Plugs the host's end into ${bridge}, as into a switch.`,
    see: 'ip-link(8)',
    failure: {
      // EXFULL, which Node's table of errno names does not have: BR_MAX_PORTS is 1024.
      E54: {
        code: 'RT_NET_NO_ADDRESS',
        message: `The bridge ${bridge} has as many ports as the kernel allows, 1023.`,
        remedy: 'Stop a container, or set network.bridge.name to another bridge for the next ones.',
      },
    },
  },
]

/** What eth0 is born with. Set afterwards, on eth0 itself, the kernel would need its network lock for it. */
const noIpv6Steps = (ipv6: boolean): readonly NetnsStep[] =>
  ipv6
    ? [
        {
          where: 'netns',
          op: 'sysctl',
          key: 'net.ipv6.conf.default.disable_ipv6',
          value: '1',
          why: 'The bridge has no IPv6; without this eth0 would give itself an address and believe router advertisements.',
          see: 'Documentation/networking/ip-sysctl.rst',
        },
      ]
    : []

const insideSteps = (cidr: string, gateway: string): readonly NetnsStep[] => [
  {
    where: 'netns',
    op: 'link.set',
    name: 'lo',
    up: true,
    why: 'A new network namespace has its loopback interface down; programs expect 127.0.0.1 to answer.',
    see: 'network_namespaces(7)',
  },
  {
    where: 'netns',
    op: 'addr.add',
    link: INSIDE,
    address: cidr,
    why: "The container's own address, leased for as long as it runs.",
    see: 'ip-address(8)',
  },
  {
    where: 'netns',
    op: 'link.set',
    name: INSIDE,
    up: true,
    why: 'A route needs its interface to be up.',
    see: 'ip-link(8)',
  },
  {
    where: 'netns',
    op: 'route.add',
    to: 'default',
    via: gateway,
    link: INSIDE,
    why: "Everything that is not on the bridge goes to the host, the bridge's own address.",
    see: 'ip-route(8)',
  },
]

/** Where a bridge keeps its leases and what is known of it. */
export const bridgeDirectory = (runRoot: string, bridge: string): string => join(bridgesDirectory(runRoot), bridge)

export const bridgesDirectory = (runRoot: string): string => join(runRoot, 'net', DRIVER_NAME)

/** Not a name that a bridge can have: it has a dot. */
export const forwardingFile = (runRoot: string): string => join(bridgesDirectory(runRoot), 'ip_forward.before')
