import { existsSync, readFileSync } from 'node:fs'
import { type LinkObservation, nftGeneration, observeLinks, observeNetwork, uplink } from '@rt/native'
import { parseSubnet } from './address/subnet.ts'
import { ALIAS, type BridgeLink, type HostRoute } from './choose-subnet.ts'
import type { KnownState } from './known-state.ts'
import { RESOLVED_FILE } from './resolv-conf.ts'

export { nftGeneration }

/** The link as it matters to us. Addresses come from `known` where that is about the same interface: asking costs a dump. */
export const describeLink = (link: LinkObservation, known: KnownState | undefined): BridgeLink => ({
  kind: link.kind,
  mac: link.mac,
  alias: link.alias,
  up: link.up,
  addresses:
    known?.index === link.index && link.up && link.alias === ALIAS
      ? [known.address]
      : observeNetwork()
          .addresses.filter((each) => each.link === link.name && each.family === 'inet')
          .map((each) => each.address),
})

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

/** What a start has to know of the host's links. */
export interface Links {
  readonly bridge: LinkObservation | undefined
  /** Packets larger than the way out are dropped or cut, so a container's interface is no wider than the default route's. */
  readonly uplinkMtu: number
}

export const observeHost = (bridge: string): Links => {
  const way = uplink()
  const [found, out] = observeLinks(way === undefined ? [bridge] : [bridge, way])
  return { bridge: found, uplinkMtu: Math.min(MOST_MTU, Math.max(LEAST_MTU, out?.mtu ?? USUAL_MTU)) }
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
