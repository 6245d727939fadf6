import type { HostStep, PublishedPort } from '@rt/driver-api'
import { hasLocalRoute, type NftChain, nftRules, observeLink } from '@rt/native'
import { knownBridges } from '../known-bridges.ts'
import { readSmall } from '../read-small.ts'
import type { FirewalledBridge, Published } from './firewall.ts'

/** Whether the host's own programs are to reach one of the ports by [::1]. */
const wantLoopback = ({ subnets, internal }: FirewalledBridge, ports: readonly PublishedPort[]): boolean =>
  subnets.v6 !== undefined &&
  !internal &&
  ports.some(({ hostAddress }) => hostAddress === '::' || hostAddress === '::1')

const FOR_ALL = '/proc/sys/net/bridge/bridge-nf-call-ip6tables'

/**
 * Whether the answer to what was sent to [::1] can come back from a bridge. Where br_netfilter shows ip6tables what bridges carry, the answer
 * gets back its address ::1 in the bridge, and the kernel then drops it on its way in: such a packet may come from loopback alone
 * (ip6_rcv_core). Where it does not, that check sees the bridge's address, and all is well. `named` and all bridges that are known are
 * looked at, because one rule is for all of them. Costs one read, more only where the module is loaded and its switch for all bridges is off.
 */
export const loopbackAnswers = (runRoot: string, named: readonly string[]): boolean => {
  const forAll = readSmall(FOR_ALL)?.trim()
  // No br_netfilter.
  if (forAll === undefined) return true
  if (forAll !== '0') return false
  return ![...knownBridges(runRoot, []), ...named].some((bridge) => observeLink(bridge)?.callsIp6tables === true)
}

/**
 * Whether `output` leads [::1] to published ports where it is to, and only there: br_netfilter may have been switched since. Always, where none
 * of `ports` is for [::1]: who publishes none need not look.
 */
export const isLoopbackRight = (
  runRoot: string,
  bridge: FirewalledBridge,
  ports: readonly PublishedPort[],
  output: NftChain,
): boolean => !wantLoopback(bridge, ports) || leadsLoopback(output) === loopbackAnswers(runRoot, [bridge.bridge])

/** As the kernel has the chain: where it does not, one rule more, the first of two, leaves ::1 out. */
const leadsLoopback = (output: NftChain): boolean => {
  const [rules = ''] = nftRules([output])
  return rules !== '' && !rules.includes('\n')
}

/** No switch like route_localnet: routes to ::1 are looked up by interface, and what comes in by the bridge needs one there. */
export const loopbackSteps = (
  runRoot: string,
  bridge: FirewalledBridge,
  published: readonly Published[],
): readonly HostStep[] => {
  const ports = published.map(({ port }) => port)
  if (!wantLoopback(bridge, ports) || !loopbackAnswers(runRoot, [bridge.bridge]) || hasLocalRoute('::1', bridge.bridge))
    return []
  return [
    {
      where: 'host',
      op: 'route.add',
      to: '::1/128',
      link: bridge.bridge,
      type: 'local',
      // loopback's own has 0, and stays the way of all that the host sends.
      metric: 2048,
      why: 'Lets the answers to what the host sends from ::1 to a published port come in by the bridge; the kernel refuses that otherwise.',
      see: 'ip-route(8)',
      shared: true,
    },
  ]
}
