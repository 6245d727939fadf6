import { existsSync, readFileSync } from 'node:fs'
import { glanceAtLink, type LinkObservation, linkMtu, observeLink, observeNetwork, uplink } from '@rt/native'
import { parseSubnet, type Subnet } from './address/subnet.ts'
import { isLinkLocal, parseSubnet6, type Subnet6 } from './address/subnet6.ts'
import { ALIAS, type BridgeLink } from './bridge-link.ts'
import type { Forwarding6Before } from './forwarding.ts'
import type { HostRoutes } from './host-routes.ts'
import type { KnownState } from './notes.ts'
import { readIfThere } from './read-if-there.ts'
import { readSmall } from './read-small.ts'
import { RESOLVED_FILE } from './resolv-conf.ts'

/** The bridge's interface, and what of it matters to us. */
export interface FoundBridge {
  readonly index: number
  readonly link: BridgeLink
}

/** As it is known to be, where it is up and still that interface: to ask in full costs a wait for the kernel's network lock. */
export const glanceAtBridge = (name: string, known: KnownState): BridgeLink | undefined => {
  const glance = glanceAtLink(name)
  if (glance?.index !== known.index || !glance.up) return undefined
  return { kind: 'bridge', mac: undefined, alias: ALIAS, up: true, addresses: known.addresses }
}

export const findBridge = (name: string): FoundBridge | undefined => {
  const found = observeLink(name)
  return found && { index: found.index, link: describeLink(found) }
}

/** As the kernel tells it, in full. */
export const describeLink = ({ name, kind, mac, alias, up }: LinkObservation): BridgeLink => {
  const addresses = observeNetwork().addresses.filter((each) => each.link === name)
  return { kind, mac, alias, up, addresses: addresses.map((each) => each.address) }
}

/** All ranges that the host reaches by some interface, or refuses on purpose (blackhole routes). */
export const hostRoutes = (): HostRoutes => {
  const { addresses, routes } = observeNetwork()
  const claims = [
    ...routes.map(({ to, link, family }) => ({ to, link, family })),
    ...addresses.map(({ address, link, family }) => ({ to: address, link, family })),
  ]
  return {
    v4: claims.flatMap(({ to, link, family }) => {
      const subnet = family === 'inet' ? parseSubnet(to) : undefined
      return subnet === undefined || isLocalOnly(subnet) ? [] : [{ to: subnet, link }]
    }),
    v6: claims.flatMap(({ to, link, family }) => {
      const subnet = family === 'inet6' ? parseSubnet6(to) : undefined
      return subnet === undefined || isLocalOnly6(subnet) ? [] : [{ to: subnet, link }]
    }),
  }
}

/** Loopback and multicast, which the kernel's local table has routes for on every host. */
const isLocalOnly = ({ network }: Subnet): boolean => network >= 0xe0000000 || Math.floor(network / 2 ** 24) === 127

/** Likewise; and link-local addresses, which every interface has of the same range. */
const isLocalOnly6 = ({ network }: Subnet6): boolean =>
  network === 1n || network >> 120n === 0xffn || isLinkLocal(network)

/** IPv6's least MTU is what every link on the internet carries; a veth takes at most 65535. */
const LEAST_MTU = 1280
const MOST_MTU = 65535
const USUAL_MTU = 1500

/** Packets larger than the way out are dropped or cut, so a container's interface is no wider than the default route's. */
export const uplinkMtu = (): number => {
  const way = uplink()
  const mtu = way === undefined ? undefined : linkMtu(way)
  return Math.min(MOST_MTU, Math.max(LEAST_MTU, mtu ?? USUAL_MTU))
}

/** Whether the host passes IPv4 packets on. */
export const isForwarding = (): boolean => readSmall('/proc/sys/net/ipv4/ip_forward')?.trim() !== '0'

/** False where the kernel was booted with ipv6.disable=1. */
export const hasIpv6 = (): boolean => existsSync('/proc/sys/net/ipv6')

const IPV6_SETTINGS = '/proc/sys/net/ipv6/conf'

/**
 * undefined where the host passes IPv6 packets on already; otherwise the interfaces that believe router advertisements and would no longer
 * do so as a router's: 1 means "as a host", 2 "always".
 */
export const beforeForwarding6 = (): Forwarding6Before | undefined => {
  const read = (link: string, setting: string): string =>
    readFileSync(`${IPV6_SETTINGS}/${link}/${setting}`, 'utf8').trim()
  if (read('all', 'forwarding') !== '0') return undefined
  const listens = (link: string): boolean =>
    read(link, 'accept_ra') === '1' && read(link, 'disable_ipv6') === '0' && read(link, 'forwarding') === '0'
  const { links } = observeNetwork()
  return {
    acceptRa: links
      .filter((link) => link.master === undefined && isUplink(link))
      .map(({ name }) => name)
      .filter(listens),
  }
}

/** Neither loopback nor a bridge of ours: what the kernel may learn routes by. */
const isUplink = ({ name, alias }: LinkObservation): boolean => name !== 'lo' && alias !== ALIAS

/** A host without the file resolves by 127.0.0.1 (resolv.conf(5)), which is of no use inside. */
export const hostResolvConf = (): string => readIfThere('/etc/resolv.conf') ?? ''

export const resolvedConf = (): string | undefined => readIfThere(RESOLVED_FILE)
