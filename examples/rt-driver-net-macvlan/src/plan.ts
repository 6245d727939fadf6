import type { HostStep, NetnsStep, NetworkPlan, NetworkRequest, StepFailure } from '@rt/driver-api'
import { formatIpv4 } from './ipv4.ts'
import { Leases } from './leases.ts'
import type { Mode } from './options.ts'
import type { Settings } from './settings.ts'

export const DRIVER_NAME = 'macvlan'

/** What was chosen for one container. */
export interface Place extends Settings {
  readonly address: number
  /** Where the user asks for none. */
  readonly mac: string
  readonly lease: string
  /** undefined: the host's, as it is. */
  readonly resolvConf: string | undefined
}

/** The whole driver as a function of what is asked for and what is there. */
export const planMacvlan = (request: NetworkRequest, place: Place): NetworkPlan => {
  const { container, interface: name = 'eth0', primary = true } = request
  const { lan, subnet, gateway, address } = place
  const isIpvlan = place.mode.startsWith('ipvlan')
  const mac = isIpvlan ? lan.mac : (request.mac ?? place.mac)
  const addresses = [`${formatIpv4(address)}/${subnet.prefix}`]
  return {
    namespace: 'new',
    enter: [
      ...birthSteps(place),
      linkStep(name, mac, place),
      up('lo', 'A new network namespace has its loopback interface down; programs expect 127.0.0.1 to answer.'),
      ...addresses.map(
        (each): NetnsStep => ({
          where: 'netns',
          op: 'addr.add',
          link: name,
          address: each,
          why: "The container's own address on the local network.",
          see: 'ip-address(8)',
          failure: { EADDRINUSE: taken(each) },
        }),
      ),
      { ...up(name, 'A route needs its interface to be up.'), failure: { EADDRINUSE: taken(mac) } },
      ...(primary ? wayOut(name, place.mode, gateway) : []),
    ],
    leave: [Leases.release(place.lease, container.id)],
    disconnect: [{ where: 'netns', op: 'link.del', name, why: 'The parent stays as it is; only this interface goes.' }],
    attachment: {
      driver: DRIVER_NAME,
      interfaces: [
        { name, mac, mtu: lan.mtu, addresses, ...(gateway !== undefined && { gateway: formatIpv4(gateway) }) },
      ],
      ...(place.resolvConf !== undefined && request.dns.length === 0 && { resolvConf: place.resolvConf }),
    },
  }
}

/** What every interface that is born from now on begins with. */
const birthSteps = ({ lan, ipv6 }: Settings): NetnsStep[] => [
  setting('ipv4', 'arp_notify', '1', 'The neighbours learn of the address when the interface comes up.'),
  ...(lan.hasIpv6 && !ipv6
    ? [
        setting(
          'ipv6',
          'disable_ipv6',
          '1',
          'Nobody asked for IPv6; without this the interface would believe router advertisements.',
        ),
      ]
    : []),
]

const setting = (family: 'ipv4' | 'ipv6', name: string, value: string, why: string): NetnsStep => ({
  where: 'netns',
  op: 'sysctl',
  key: `net.${family}.conf.default.${name}`,
  value,
  why,
  see: 'Documentation/networking/ip-sysctl.rst',
})

const linkStep = (name: string, mac: string, { lan, mode }: Settings): NetnsStep => {
  const { parent, mtu } = lan
  const common = { where: 'netns', op: 'link.add', name, parent, mtu, failure: failures(parent, mode) } as const
  switch (mode) {
    case 'ipvlan-l2':
    case 'ipvlan-l3':
    case 'ipvlan-l3s':
      return {
        ...common,
        kind: 'ipvlan',
        mode: IPVLAN_MODES[mode],
        why: `One more interface on the wire of ${parent}, with its MAC: the kernel tells the two apart by their addresses.`,
        see: 'Documentation/networking/ipvlan.rst',
      }
    default:
      return {
        ...common,
        kind: 'macvlan',
        mode,
        mac,
        why: `One more interface on the wire of ${parent}, with a MAC of its own: for the switch it is one more machine.`,
        see: 'ip-link(8)',
      }
  }
}

const IPVLAN_MODES = { 'ipvlan-l2': 'l2', 'ipvlan-l3': 'l3', 'ipvlan-l3s': 'l3s' } as const

const up = (name: string, why: string): NetnsStep => ({
  where: 'netns',
  op: 'link.set',
  name,
  up: true,
  why,
  see: 'ip-link(8)',
})

/** By one that has just ended, most likely: its namespace is still being taken apart. */
const taken = (what: string): StepFailure => ({
  code: 'RT_MACVLAN_TAKEN',
  message: `Another container on this parent has ${what}, or one that ended a moment ago.`,
  remedy: 'Start it again in a moment, or choose another one.',
})

const wayOut = (link: string, mode: Mode, gateway: number | undefined): NetnsStep[] => {
  const route = { where: 'netns', op: 'route.add', to: 'default', link, see: 'ip-route(8)' } as const
  // Of layer 3: there is nobody to be asked for a MAC, the host routes.
  if (mode === 'ipvlan-l3' || mode === 'ipvlan-l3s')
    return [{ ...route, why: 'Everything goes to the host, which routes: there is no ARP on this interface.' }]
  if (gateway === undefined) return []
  return [
    {
      ...route,
      via: formatIpv4(gateway),
      why: 'Everything else goes to the router of the local network, not to this host.',
    },
  ]
}

const failures = (parent: string, mode: Mode): Readonly<Record<string, StepFailure>> => {
  const kind = mode.startsWith('ipvlan') ? 'ipvlan' : 'macvlan'
  const busy: StepFailure = {
    code: 'RT_MACVLAN_PARENT',
    message: `The interface ${parent} is a port of a bridge, or has children of another kind or mode.`,
    remedy: `\`ip -d link\` shows them. Choose another parent, or their mode.`,
  }
  return {
    EOPNOTSUPP: {
      code: 'RT_MACVLAN_KERNEL',
      message: `This kernel has no ${kind}.`,
      remedy: `Load it with \`modprobe ${kind}\`${kind === 'ipvlan' ? ', or use a mode of macvlan' : ''}.`,
    },
    ENODEV: {
      code: 'RT_MACVLAN_PARENT',
      message: `The interface ${parent} is gone.`,
      remedy: 'Name one that `ip link` shows.',
    },
    EBUSY: busy,
    EINVAL: busy,
  }
}

export const resetSteps = (directory: string): HostStep[] => [
  {
    where: 'host',
    op: 'tree.remove',
    path: directory,
    why: 'No container of this driver lives, so nobody has an address.',
  },
]
