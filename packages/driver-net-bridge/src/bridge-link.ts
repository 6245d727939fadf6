import { gatewayOfMac } from './address/mac.ts'

/** An interface of the bridge's name, as the kernel describes it. */
export interface BridgeLink {
  readonly kind: string | undefined
  readonly mac: string | undefined
  readonly alias: string | undefined
  readonly up: boolean
  /** IPv4 and IPv6, with prefix length. */
  readonly addresses: readonly string[]
}

/** What marks an interface as ours once it is complete. */
export const ALIAS = 'rt'

/** Ours: with the alias that completes it, or still without, but with a MAC that only we give. */
export const isOurs = (link: BridgeLink): boolean =>
  link.kind === 'bridge' && (link.alias === ALIAS || (!link.alias && gatewayOfMac(link.mac ?? '') !== undefined))
