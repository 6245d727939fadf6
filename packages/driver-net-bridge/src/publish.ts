import { type ContainerId, type HostStep, type PublishedPort, RtError } from '@rt/driver-api'
import { formatIpv4 } from './address/ipv4.ts'
import { formatIpv6 } from './address/ipv6.ts'
import { type FoundNetwork, firewalled } from './find-network.ts'
import type { Firewall, Published, PublishPlan } from './firewall/firewall.ts'
import { loopbackAnswers } from './firewall/loopback.ts'
import type { Lease } from './leases/lease-store.ts'
import { portsDirectory, portsFile } from './paths.ts'
import { type BridgeSettings, called } from './settings.ts'

/** The ports, where the network can publish any. Throws RT_NET_MODE on an internal network. */
export const publishable = (
  settings: BridgeSettings,
  ports: readonly PublishedPort[] = [],
): readonly PublishedPort[] => {
  if (ports.length === 0 || !settings.internal) return ports
  throw new RtError('RT_NET_MODE', `Nothing can be published on ${called(settings)}: it is internal.`, {
    remedy: "Leave out the published ports, or make the container's first network one without --internal.",
  })
}

/**
 * The rules of a container's published ports, and a file that tells of them: who puts everything back after a flush, or takes away
 * what a crash left, knows them by it. undefined: it publishes none.
 */
export const publish = (
  runRoot: string,
  firewall: Firewall | undefined,
  found: FoundNetwork,
  container: ContainerId,
  ports: readonly PublishedPort[],
  to: Leading,
): PublishPlan | undefined => {
  if (firewall === undefined || ports.length === 0) return undefined
  const { bridge } = found.settings
  refuseDeadLoopback(runRoot, bridge, ports)
  const published = ports.map((port) => ({ container, port, ...to }))
  const plan = firewall.publish(firewalled(found), published)
  const path = portsFile(runRoot, bridge, container)
  return {
    enter: [...noteSteps(portsDirectory(runRoot, bridge), path, published), ...plan.enter],
    leave: [
      ...plan.leave,
      { where: 'host', op: 'file.remove', path, why: 'The container publishes nothing any more.' },
    ],
  }
}

/** Who asks for [::1] by name is told; where it is one of all addresses, the others lead there. */
const refuseDeadLoopback = (runRoot: string, bridge: string, ports: readonly PublishedPort[]): void => {
  const dead = ports.find(({ hostAddress }) => hostAddress === '::1')
  if (!dead || loopbackAnswers(runRoot, [bridge])) return
  throw new RtError(
    'RT_NET_MODE',
    `[::1]:${dead.hostPort} cannot lead to a container while br_netfilter shows ip6tables what bridges carry: the kernel drops the answers.`,
    {
      remedy:
        'Publish it at 127.0.0.1 or at [::], or let bridges be: `sysctl net.bridge.bridge-nf-call-ip6tables=0` (Docker switches it on when it starts).',
    },
  )
}

/** Where ports lead: addresses of the container, without prefix length. */
export type Leading = Pick<Published, 'to4' | 'to6'>

export const leadingTo = ({ address, address6 }: Lease): Leading => ({
  to4: formatIpv4(address),
  ...(address6 !== undefined && { to6: formatIpv6(address6) }),
})

const noteSteps = (directory: string, path: string, published: readonly Published[]): readonly HostStep[] => [
  {
    where: 'host',
    op: 'dir.make',
    path: directory,
    mode: 0o700,
    why: 'What containers publish on this bridge is noted here.',
    shared: true,
  },
  {
    where: 'host',
    op: 'file.write',
    path,
    content: `${JSON.stringify(published)}\n`,
    mode: 0o600,
    why: 'Notes what the container publishes, so that its rules can be put back after somebody flushed them.',
  },
]
