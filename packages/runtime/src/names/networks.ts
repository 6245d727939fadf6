import type { NetworkAttachment } from '@rt/driver-api'
import type { NamedNetwork } from './lines.ts'

/** Those of a container in which others can reach it. */
export const namedNetworks = ({ driver, interfaces }: NetworkAttachment): NamedNetwork[] => {
  const addresses = addressesOf(interfaces)
  return addresses.length > 0 ? [{ name: driver, addresses }] : []
}

/** Without prefix lengths, and without those by which only it reaches itself. */
export const addressesOf = (interfaces: NetworkAttachment['interfaces']): string[] =>
  interfaces
    .flatMap(({ addresses }) => addresses)
    .map((address) => address.split('/')[0] as string)
    .filter((address) => !address.startsWith('127.') && address !== '::1')
