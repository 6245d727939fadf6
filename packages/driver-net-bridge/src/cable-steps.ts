import type { HostStep } from '@rt/driver-api'
import { hexIpv4 } from './address/ipv4.ts'

/** The pair of interfaces between a container and its bridge. */
export interface Cable {
  readonly bridge: string
  /** The host's end. */
  readonly outside: string
  readonly inside: string
  /** Of the container's end. */
  readonly mac: string
  readonly mtu: number
  /** Whether the bridge may send a packet back by the port that it came from. */
  readonly hairpin: boolean
}

/**
 * The veth's name on the host, 15 bytes: no two containers have one address at a time. `tag`, five hexadecimal digits of the container's id, sets it
 * apart from the one that had the address before, because the kernel destroys a namespace some time after its last process.
 */
export const outsideName = (tag: string, address: number): string => `rt${tag.slice(0, 5)}${hexIpv4(address)}`

/** For an address that the same container may have again at once: its own former veth may still be there. */
export const anyTag = (): string => (process.hrtime.bigint() & 0xfffffn).toString(16).padStart(5, '0')

export const cableSteps = ({ bridge, outside, inside, mac, mtu, hairpin }: Cable): readonly HostStep[] => [
  {
    where: 'host',
    op: 'link.add',
    name: outside,
    kind: 'veth',
    mtu,
    peer: { name: inside, mac, mtu },
    why: `A cable with two ends: one stays on the host, the other is born as ${inside} in the container's namespace.`,
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
        remedy: 'Stop a container, or use another network for the next ones.',
      },
    },
  },
  ...(hairpin ? [hairpinStep(outside)] : []),
]

export const hairpinStep = (outside: string): HostStep => ({
  where: 'host',
  op: 'link.set',
  name: outside,
  hairpin: true,
  why:
    'Lets the bridge send a packet back where it came from: a container that calls its own published port, ' +
    'where bridges hand packets to the firewall (br_netfilter).',
  see: 'bridge(8)',
})

/** Takes the interface out of a namespace that lives on: with one end of a veth pair goes the other. */
export const unplugStep = (outside: string): HostStep => ({
  where: 'host',
  op: 'link.del',
  name: outside,
  why: "Takes the cable away: with the host's end goes the container's.",
  see: 'veth(4)',
})
