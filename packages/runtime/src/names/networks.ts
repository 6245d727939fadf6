import type { NetworkAttachment } from '@rt/driver-api'
import type { ConnectedNetwork } from '../store/record.ts'
import type { NamedNetwork } from './lines.ts'

/** Those of a container in which others can reach it: not the host's, in which it has no address of its own. */
export const namedNetworks = (connected: readonly ConnectedNetwork[]): NamedNetwork[] =>
  connected.flatMap(({ name, aliases, attachment }) => {
    const addresses = attachment.unreachable === true ? [] : addressesOf(attachment.interfaces)
    return addresses.length > 0 ? [{ name, aliases, addresses }] : []
  })

/** Without prefix lengths, and without those by which only it reaches itself. */
export const addressesOf = (interfaces: NetworkAttachment['interfaces']): string[] =>
  interfaces
    .flatMap(({ addresses }) => addresses)
    .map((address) => address.split('/')[0] as string)
    .filter((address) => !address.startsWith('127.') && address !== '::1')
