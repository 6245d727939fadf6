import type { HostStep, NetworkDefinition } from '@rt/driver-api'
import { observeLink } from '@rt/native'
import { bridgeSteps } from '../bridge-steps.ts'
import { chooseSubnet } from '../choose-subnet.ts'
import { firewalled } from '../find-network.ts'
import { forwarding6Steps, forwardingSteps } from '../forwarding.ts'
import { forwarding6Of, forwardingOf } from '../host-forwarding.ts'
import { isThere } from '../known-bridges.ts'
import { describeLink, hasIpv6, hostRoutes } from '../observe.ts'
import { type BridgeSettings, definedSettings, ownSettings } from '../settings.ts'
import type { BridgeDriver } from './bridge-driver.ts'
import { publishedOn } from './published.ts'

/** Puts back what somebody took away: bridges' addresses, forwarding and all rules. Networks without a bridge have nothing to be put back. */
export const reload = (
  { runRoot, options, firewall }: BridgeDriver,
  networks: readonly NetworkDefinition[],
): readonly HostStep[] => {
  const settings = [ownSettings(options), ...networks.map(definedSettings)].filter(({ bridge }) => isThere(bridge))
  if (settings.length === 0) return []
  const found = settings.map(lookAt)
  const routed = settings.filter(({ internal }) => !internal)
  return [
    ...found.flatMap(({ steps }) => steps),
    ...(routed.length > 0 ? forwardingSteps(forwardingOf(runRoot)) : []),
    ...(routed.some(({ ipv6 }) => ipv6) ? forwarding6Steps(forwarding6Of(runRoot)) : []),
    ...firewall.reload(
      found.map((each) => ({
        bridge: firewalled(each),
        ports: publishedOn(runRoot, each.settings.bridge).flatMap(({ ports }) => ports),
      })),
    ),
  ]
}

/** In full: what somebody did to a bridge is what this is for. */
const lookAt = (settings: BridgeSettings) => {
  const { bridge } = settings
  const found = observeLink(bridge)
  const link = found && describeLink(found)
  const network = chooseSubnet(settings, link, hostRoutes)
  return { settings, network, steps: bridgeSteps({ bridge, link, network, ipv6: hasIpv6() }) }
}
