import { formatSubnet } from './address/subnet.ts'
import { formatSubnet6 } from './address/subnet6.ts'
import { bridgeAddresses } from './bridge-steps.ts'
import { type BridgeLink, type BridgeNetwork, chooseSubnet } from './choose-subnet.ts'
import type { FirewalledBridge } from './firewall/firewall.ts'
import { Notes } from './notes.ts'
import { findBridge, hostRoutes } from './observe.ts'
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
  const place = thisPlace()
  const notes = new Notes(directory)
  const known = notes.known(place)
  const found = findBridge(settings.bridge, known)
  const link = found?.link
  const network = chooseSubnet(settings, link, hostRoutes)
  const addresses = bridgeAddresses(network)
  const isNews = known?.index !== found?.index || known?.addresses.join() !== addresses.join()
  if (found !== undefined && isNews && addresses.every((each) => found.link.addresses.includes(each))) {
    notes.setKnown({ place, index: found.index, addresses })
  }
  return { settings, directory, notes, link, network }
}

/** What the firewall is told of it. */
export const firewalled = ({ settings, network }: Pick<FoundNetwork, 'settings' | 'network'>): FirewalledBridge => ({
  bridge: settings.bridge,
  subnets: { v4: formatSubnet(network.subnet), ...(network.v6 && { v6: formatSubnet6(network.v6.subnet) }) },
  masquerade: settings.masquerade,
  internal: settings.internal,
})
