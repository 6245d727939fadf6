import { hexIpv4 } from './ipv4.ts'

/**
 * "rt" in ASCII; 0x72 happens to have the bits of a locally administered unicast address. It marks a bridge as ours from the very
 * message that creates it, when it has no alias yet, and pins the MAC: a bridge without its own takes its lowest port's, and
 * neighbours' ARP entries break as containers come and go.
 */
const BRIDGE_PREFIX = '72:74'

/** The MAC of the bridge whose address is `gateway`. */
export const bridgeMac = (gateway: number): string => `${BRIDGE_PREFIX}:${pairs(gateway)}`

/** The address that a bridge of ours was made for; undefined: the MAC is not of our making. */
export const gatewayOfMac = (mac: string): number | undefined =>
  mac.startsWith(`${BRIDGE_PREFIX}:`)
    ? Number.parseInt(mac.slice(BRIDGE_PREFIX.length).replaceAll(':', ''), 16)
    : undefined

/** Docker's rule: an address that goes to the next container keeps its MAC, so no neighbour's ARP entry is ever wrong. */
export const containerMac = (address: number): string => `02:42:${pairs(address)}`

const pairs = (address: number): string => (hexIpv4(address).match(/../g) as string[]).join(':')
