import { existsSync, readFileSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { observeNetwork, uplink } from '@rt/native'
import { parseIpv4, type Subnet, subnetOf } from './ipv4.ts'

/** The local network, as the host sees it. */
export interface Lan {
  readonly parent: string
  readonly mac: string
  /** Bytes. */
  readonly mtu: number
  readonly isUp: boolean
  /** Of the parent's first IPv4 address. */
  readonly subnet: Subnet | undefined
  /** All of the host's own, which no container may have. */
  readonly addresses: readonly number[]
  /** Of the default route by this interface. */
  readonly gateway: number | undefined
  readonly hasIpv6: boolean
}

/**
 * All that this driver reads of the kernel. `wanted`: undefined: the default route's interface.
 *
 * @throws RtError RT_MACVLAN_PARENT
 */
export const observeLan = (wanted: string | undefined): Lan => {
  const parent = wanted ?? uplink()
  if (parent === undefined)
    throw new RtError('RT_MACVLAN_PARENT', 'This host has no default route, so there is no interface to choose', {
      remedy: 'Name one: network.macvlan.parent, or --opt parent=NAME of a network.',
    })
  const seen = observeNetwork()
  const link = seen.links.find(({ name }) => name === parent)
  if (link === undefined)
    throw new RtError('RT_MACVLAN_PARENT', `This host has no interface ${parent}`, {
      remedy: 'Name one that `ip link` shows.',
    })
  const own = seen.addresses.filter(({ link: on, family }) => on === parent && family === 'inet')
  const way = seen.routes.find(({ to, family, link: by }) => to === 'default' && family === 'inet' && by === parent)
  return {
    parent,
    mac: link.mac ?? '',
    mtu: link.mtu,
    isUp: link.up,
    subnet: own[0] && subnetOf(own[0].address),
    addresses: seen.addresses.flatMap(({ address }) => parseIpv4(address.split('/')[0] ?? '') ?? []),
    gateway: way?.via === undefined ? undefined : parseIpv4(way.via),
    hasIpv6: existsSync('/proc/sys/net/ipv6'),
  }
}

export const isWireless = (link: string): boolean => existsSync(`/sys/class/net/${link}/wireless`)

/**
 * The host's resolv.conf for who cannot reach the host: without resolvers on its loopback. systemd-resolved keeps a file with the real ones.
 * undefined: as it is.
 */
export const reachableResolvers = (): string | undefined => {
  const text = readIfThere('/etc/resolv.conf')
  if (text === undefined || !/^nameserver\s+(127\.|::1\b)/m.test(text)) return undefined
  const real = readIfThere('/run/systemd/resolve/resolv.conf') ?? text
  return real
    .split('\n')
    .filter((line) => !/^nameserver\s+(127\.|::1\b)/.test(line))
    .join('\n')
}

const readIfThere = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
