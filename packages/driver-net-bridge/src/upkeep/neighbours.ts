import { isRtError, type NetworkDefinition } from '@rt/driver-api'
import { observeLink } from '@rt/native'
import type { Subnet } from '../address/subnet.ts'
import type { Subnet6 } from '../address/subnet6.ts'
import { type BridgeNetwork, chooseSubnet } from '../choose-subnet.ts'
import type { HostRoutes } from '../host-routes.ts'
import { describeLink } from '../observe.ts'
import { definedSettings, ownSettings } from '../settings.ts'
import type { BridgeDriver } from './bridge-driver.ts'

/** Another network of this driver, whether its bridge is there or not. */
export interface Neighbour {
  /** For sentences. */
  readonly name: string
  readonly bridge: string
  readonly subnet: Subnet | undefined
  readonly subnet6: Subnet6 | undefined
}

export const neighbours = (
  driver: BridgeDriver,
  others: readonly NetworkDefinition[],
  routes: HostRoutes,
): readonly Neighbour[] => {
  const own = ownSettings(driver.options)
  const network = ownNetwork(driver, routes)
  return [
    { name: "the driver's own network", bridge: own.bridge, subnet: network?.subnet, subnet6: network?.v6?.subnet },
    ...others.map((other) => {
      const { bridge, subnet, v6 } = definedSettings(other)
      return { name: `the network ${other.name}`, bridge, subnet, subnet6: v6?.subnet }
    }),
  ]
}

/** What the own bridge has, or will get with its first container; undefined: it cannot be made on this host as it is configured. */
const ownNetwork = ({ options }: BridgeDriver, routes: HostRoutes): BridgeNetwork | undefined => {
  const found = observeLink(options.name)
  try {
    return chooseSubnet(ownSettings(options), found && describeLink(found), () => routes)
  } catch (error) {
    if (isRtError(error)) return undefined
    throw error
  }
}
