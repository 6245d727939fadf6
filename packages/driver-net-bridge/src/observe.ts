import { existsSync, readFileSync } from 'node:fs'
import { glanceAtLink, type LinkObservation, observeLink, observeNetwork, uplink } from '@rt/native'
import { parseSubnet } from './address/subnet.ts'
import { ALIAS, type BridgeLink, type HostRoute } from './choose-subnet.ts'
import type { KnownState } from './known-state.ts'
import { RESOLVED_FILE } from './resolv-conf.ts'

/** The bridge's interface, and what of it matters to us. */
export interface FoundBridge {
  readonly index: number
  readonly link: BridgeLink
}

/** Not asked in full where it is up and still the interface that `known` is about: that costs a wait for the kernel's network lock. */
export const findBridge = (name: string, known: KnownState | undefined): FoundBridge | undefined => {
  const glance = known && glanceAtLink(name)
  if (known !== undefined && glance?.index === known.index && glance.up) {
    const link = { kind: 'bridge', mac: undefined, alias: ALIAS, up: true, addresses: [known.address] }
    return { index: known.index, link }
  }
  const found = observeLink(name)
  return found && { index: found.index, link: describeLink(found) }
}

/** As the kernel tells it, in full. */
export const describeLink = ({ name, kind, mac, alias, up }: LinkObservation): BridgeLink => {
  const addresses = observeNetwork().addresses.filter((each) => each.link === name && each.family === 'inet')
  return { kind, mac, alias, up, addresses: addresses.map((each) => each.address) }
}

/** All IPv4 ranges that the host reaches by some interface, or refuses on purpose (blackhole routes). */
export const hostRoutes = (): readonly HostRoute[] => {
  const { addresses, routes } = observeNetwork()
  const claims = [
    ...routes.filter((route) => route.family === 'inet').map((route) => ({ to: route.to, link: route.link })),
    ...addresses.filter((each) => each.family === 'inet').map((each) => ({ to: each.address, link: each.link })),
  ]
  return claims.flatMap(({ to, link }) => {
    const subnet = parseSubnet(to)
    return subnet === undefined || isLocalOnly(subnet.network) ? [] : [{ to: subnet, link }]
  })
}

/** Loopback and multicast, which the kernel's local table has routes for on every host. */
const isLocalOnly = (network: number): boolean => network >= 0xe0000000 || Math.floor(network / 2 ** 24) === 127

/** IPv6's least MTU is what every link on the internet carries; a veth takes at most 65535. */
const LEAST_MTU = 1280
const MOST_MTU = 65535
const USUAL_MTU = 1500

/** Packets larger than the way out are dropped or cut, so a container's interface is no wider than the default route's. */
export const uplinkMtu = (): number => {
  const way = uplink()
  const mtu = way === undefined ? undefined : glanceAtLink(way)?.mtu
  return Math.min(MOST_MTU, Math.max(LEAST_MTU, mtu ?? USUAL_MTU))
}

export const isForwarding = (): boolean => readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim() !== '0'

/** False where the kernel was booted with ipv6.disable=1. */
export const hasIpv6 = (): boolean => existsSync('/proc/sys/net/ipv6')

/** A host without the file resolves by 127.0.0.1 (resolv.conf(5)), which is of no use inside. */
export const hostResolvConf = (): string => readIfThere('/etc/resolv.conf') ?? ''

export const resolvedConf = (): string | undefined => readIfThere(RESOLVED_FILE)

const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
