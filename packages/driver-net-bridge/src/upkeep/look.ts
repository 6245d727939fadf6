import type { NetworkDefinition, NetworkSight } from '@rt/driver-api'
import { observeNetwork } from '@rt/native'
import { definedSettings, ownSettings } from '../settings.ts'
import type { BridgeDriver } from './bridge-driver.ts'

/** The bridge as the kernel has it now. */
export const look = ({ options }: Pick<BridgeDriver, 'options'>, network?: NetworkDefinition): NetworkSight => {
  const { bridge, internal, masquerade } = network === undefined ? ownSettings(options) : definedSettings(network)
  const { links, addresses } = observeNetwork()
  const way = internal ? 'none' : masquerade ? 'nat' : 'routed'
  if (!links.some(({ name }) => name === bridge)) return { way }
  const device = {
    name: bridge,
    addresses: addresses.flatMap(({ link, address }) => (link === bridge && !isLinkLocal(address) ? [address] : [])),
    ports: links.flatMap(({ name, master }) => (master === bridge ? [name] : [])),
  }
  return { way, device }
}

/** Every IPv6 interface has one; it says nothing about the network. */
const isLinkLocal = (address: string): boolean => address.startsWith('fe80:')
