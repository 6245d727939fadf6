import { readFileSync } from 'node:fs'
import type { HostStep, PublishedPort } from '@rt/driver-api'
import type { FirewalledBridge, Published } from './firewall.ts'

/** One published port of one family: where it is and where it leads. */
export interface Lead {
  readonly container: string
  readonly family: 4 | 6
  readonly port: PublishedPort
  /** undefined: any address of the host. */
  readonly at: string | undefined
  readonly to: string
}

/** Those that can be: an internal network has none, and there is no way from one family to the other. */
export const leads = (ports: readonly Published[]): readonly Lead[] =>
  ports.flatMap(({ container, port, to4, to6 }) => {
    const family = port.hostAddress.includes(':') ? 6 : 4
    const to = family === 4 ? to4 : to6
    if (to === undefined) return []
    const at = port.hostAddress === '0.0.0.0' || port.hostAddress === '::' ? undefined : port.hostAddress
    return [{ container, family, port, at, to }]
  })

/** Whether the host's own programs reach one of them by 127.0.0.1. */
export const wantLocalnet = (all: readonly Lead[]): boolean =>
  all.some(({ family, at }) => family === 4 && (at === undefined || at.startsWith('127.')))

const localnetKey = (bridge: string): string => `net.ipv4.conf.${bridge}.route_localnet`

/** Whether packets of 127.0.0.0/8 may go over the bridge; a bridge that is not there yet has nothing of it. */
export const hasLocalnet = ({ bridge }: Pick<FirewalledBridge, 'bridge'>): boolean => {
  try {
    return readFileSync(`/proc/sys/net/ipv4/conf/${bridge}/route_localnet`, 'utf8').trim() === '1'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

export const localnetStep = (bridge: string): HostStep => ({
  where: 'host',
  op: 'sysctl',
  key: localnetKey(bridge),
  value: '1',
  why: 'Lets packets that the host sends from 127.0.0.1 to a published port leave by the bridge; the kernel refuses that otherwise.',
  see: 'Documentation/networking/ip-sysctl.rst',
  shared: true,
})

/**
 * Who spoke to the port before it was published would go on being answered by nobody, and who spoke to its last owner by that one. UDP only:
 * a TCP connection begins with a packet that the kernel always looks at anew.
 */
export const forgetSteps = (all: readonly Lead[]): readonly HostStep[] => {
  const ports = new Map<string, number[]>()
  for (const { port } of all) {
    if (port.protocol !== 'udp') continue
    ports.set(port.hostAddress, [...(ports.get(port.hostAddress) ?? []), port.hostPort])
  }
  return [...ports].map(([address, numbers]) => ({
    where: 'host',
    op: 'conntrack.flush',
    protocol: 'udp',
    ports: numbers,
    address,
    why: 'Datagrams that the kernel takes for part of an earlier exchange would pass the new rules by.',
    see: 'conntrack(8)',
  }))
}

/** A batch fails as a whole: one container's missing rule must not keep another's. */
export const byContainer = (all: readonly Lead[]): readonly (readonly Lead[])[] => {
  const groups = new Map<string, Lead[]>()
  for (const lead of all) groups.set(lead.container, [...(groups.get(lead.container) ?? []), lead])
  return [...groups.values()]
}

/** How rules name the container: 12 digits, as in `rt ps`. */
export const shortName = (container: string): string => `rt-${container.slice(0, 12)}`
