import { formatSubnet } from './address/subnet.ts'
import { formatSubnet6 } from './address/subnet6.ts'
import type { BridgeLink } from './bridge-link.ts'
import { bridgeAddresses } from './bridge-steps.ts'
import { type BridgeNetwork, chooseSubnet } from './choose-subnet.ts'
import type { FirewalledBridge } from './firewall/firewall.ts'
import { Notes } from './notes.ts'
import { findBridge, glanceAtBridge, hostRoutes } from './observe.ts'
import { bridgeDirectory } from './paths.ts'
import { thisPlace } from './place.ts'
import type { BridgeSettings } from './settings.ts'

/** A network as it is, or will be, on this host. */
export interface FoundNetwork {
  readonly settings: BridgeSettings
  /** Its state below the run root. */
  readonly directory: string
  readonly notes: Notes
  /** undefined: the bridge is not there yet. */
  readonly link: BridgeLink | undefined
  readonly network: BridgeNetwork
}

/** Looks at the host, and notes what was dear to find out. Throws as `chooseSubnet`. */
export const findNetwork = (runRoot: string, settings: BridgeSettings): FoundNetwork => {
  const directory = bridgeDirectory(runRoot, settings.bridge)
  const notes = new Notes(directory)
  const place = thisPlace()
  const known = notes.known(place)
  const quick = known && glanceAtBridge(settings.bridge, known)
  if (quick !== undefined) {
    const network = chooseSubnet(settings, quick, hostRoutes)
    // What it was known to have is all that it is to have; otherwise its network has got IPv6 since.
    if (isComplete(quick, bridgeAddresses(network))) return { settings, directory, notes, link: quick, network }
  }
  const found = findBridge(settings.bridge)
  const network = chooseSubnet(settings, found?.link, hostRoutes)
  const addresses = bridgeAddresses(network)
  if (found !== undefined && isComplete(found.link, addresses)) {
    notes.setKnown({ place, index: found.index, addresses })
  }
  return { settings, directory, notes, link: found?.link, network }
}

const isComplete = (link: BridgeLink, addresses: readonly string[]): boolean =>
  addresses.every((each) => link.addresses.includes(each))

/** What the firewall is told of it. */
export const firewalled = ({ settings, network }: Pick<FoundNetwork, 'settings' | 'network'>): FirewalledBridge => ({
  bridge: settings.bridge,
  subnets: { v4: formatSubnet(network.subnet), ...(network.v6 && { v6: formatSubnet6(network.v6.subnet) }) },
  masquerade: settings.masquerade,
  internal: settings.internal,
})
