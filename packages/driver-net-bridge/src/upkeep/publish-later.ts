import type { HostStep, NetworkAttachment, NetworkRequest, PublishPlan } from '@rt/driver-api'
import { hairpinStep } from '../cable-steps.ts'
import { findNetwork, firewalled } from '../find-network.ts'
import { publish, publishable } from '../publish.ts'
import { definedSettings, ownSettings } from '../settings.ts'
import type { BridgeDriver } from './bridge-driver.ts'

/** Ports of a container that is connected already. Throws RT_NET_MODE on an internal network. */
export const publishLater = (
  { runRoot, options, firewall }: BridgeDriver,
  request: NetworkRequest,
  { interfaces }: NetworkAttachment,
): PublishPlan => {
  const settings = request.network === undefined ? ownSettings(options) : definedSettings(request.network)
  const ports = publishable(settings, request.ports)
  const found = findNetwork(runRoot, settings)
  const [to4, to6] = [addressIn(interfaces, false), addressIn(interfaces, true)]
  const leading = { ...(to4 !== undefined && { to4 }), ...(to6 !== undefined && { to6 }) }
  const published = publish(runRoot, firewall, found, request.container.id, ports, leading)
  const hostEnds = interfaces.flatMap(({ hostEnd }): HostStep[] =>
    hostEnd === undefined ? [] : [hairpinStep(hostEnd)],
  )
  return published === undefined
    ? { enter: [], leave: [] }
    : { enter: [...firewall.ensure(firewalled(found), ports), ...hostEnds, ...published.enter], leave: published.leave }
}

/** Without prefix length. */
const addressIn = (interfaces: NetworkAttachment['interfaces'], v6: boolean): string | undefined =>
  interfaces
    .flatMap(({ addresses }) => addresses)
    .find((address) => address.includes(':') === v6)
    ?.split('/')[0]
