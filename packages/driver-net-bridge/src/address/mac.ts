import { RtError } from '@rt/driver-api'
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

/**
 * A MAC address that a user asks for, in lower case. Throws RT_USAGE for what no interface can have: the lowest bit of the first byte
 * says that it is a group's.
 */
export const checkedMac = (text: string): string => {
  const mac = text.toLowerCase().replaceAll('-', ':')
  const remedy = 'Write six bytes, the first of them even: 02:42:ac:11:00:02.'
  if (!/^[\da-f]{2}(:[\da-f]{2}){5}$/.test(mac))
    throw new RtError('RT_USAGE', `"${text}" is not a MAC address.`, { remedy })
  if (Number.parseInt(mac.slice(0, 2), 16) % 2 === 1) {
    throw new RtError('RT_USAGE', `${text} is the MAC address of a group, not of an interface.`, { remedy })
  }
  if (mac === '00:00:00:00:00:00')
    throw new RtError('RT_USAGE', 'No interface can have the MAC address of zeros.', { remedy })
  return mac
}
