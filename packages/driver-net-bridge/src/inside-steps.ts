import type { HostStep, NetnsStep } from '@rt/driver-api'

/** The container's interface, as it is to be inside. */
export interface Inside {
  readonly name: string
  /** With prefix length, IPv4 first. */
  readonly addresses: readonly string[]
  /** By which everything else is reached; empty: the way out is another network's, or there is none. */
  readonly gateways: readonly string[]
}

/**
 * What every interface that is born from now on begins with. Set afterwards, on the interface itself, the kernel would need its network lock for it.
 * `ipv6`: whether the kernel has it at all; `used`: whether this network has.
 */
export const birthSteps = (ipv6: boolean, used: boolean): readonly NetnsStep[] => [
  born('ipv4', 'arp_notify', '1', 'Neighbours that remember another MAC for this address are told of the new one.'),
  ...(ipv6 && !used
    ? [
        born(
          'ipv6',
          'disable_ipv6',
          '1',
          'The bridge has no IPv6; without this the interface would give itself an address and believe router advertisements.',
        ),
      ]
    : []),
  ...(used
    ? [
        born('ipv6', 'disable_ipv6', '0', 'This network has IPv6, whatever the ones before it have.'),
        born('ipv6', 'accept_ra', '0', 'Other containers could send router advertisements (CVE-2020-13401).'),
        born('ipv6', 'accept_dad', '0', 'The address is leased to nobody else, and is to be usable at once.'),
        born(
          'ipv6',
          'ndisc_notify',
          '1',
          'Neighbours that remember another MAC for this address are told of the new one.',
        ),
      ]
    : []),
]

const born = (family: 'ipv4' | 'ipv6', setting: string, value: string, why: string): NetnsStep => ({
  where: 'netns',
  op: 'sysctl',
  key: `net.${family}.conf.default.${setting}`,
  value,
  why,
  see: 'Documentation/networking/ip-sysctl.rst',
})

export const insideSteps = ({ name, addresses, gateways }: Inside): readonly NetnsStep[] => [
  {
    where: 'netns',
    op: 'link.set',
    name: 'lo',
    up: true,
    why: 'A new network namespace has its loopback interface down; programs expect 127.0.0.1 to answer.',
    see: 'network_namespaces(7)',
  },
  ...addresses.map(
    (address): NetnsStep => ({
      where: 'netns',
      op: 'addr.add',
      link: name,
      address,
      why: "The container's own address, leased for as long as it runs.",
      see: 'ip-address(8)',
    }),
  ),
  {
    where: 'netns',
    op: 'link.set',
    name,
    up: true,
    why: 'A route needs its interface to be up.',
    see: 'ip-link(8)',
  },
  ...gateways.map(
    (via): NetnsStep => ({
      where: 'netns',
      op: 'route.add',
      to: 'default',
      via,
      link: name,
      why: "Everything that is not on the bridge goes to the host, the bridge's own address.",
      see: 'ip-route(8)',
    }),
  ),
]

/**
 * For a MAC that somebody chose. What the kernel announces when an interface comes up is lost where the bridge does not yet send by the
 * port, and neighbours may remember another MAC for the address. One that is made of the address is always the one that they remember.
 */
export const announceSteps = (outside: string, name: string, mac: string): readonly (HostStep | NetnsStep)[] => [
  {
    where: 'host',
    op: 'link.await',
    name: outside,
    why: 'The bridge begins to send by a new port a moment after it has come up.',
    see: 'Documentation/networking/operstates.rst',
  },
  {
    where: 'netns',
    op: 'link.set',
    name,
    mac,
    why: 'To be given its MAC, though it has it, makes the interface announce its addresses: neighbours may remember another one.',
    see: 'ip-link(8)',
  },
]
