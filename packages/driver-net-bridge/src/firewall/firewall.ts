import type { HostStep, Probe, PublishedPort } from '@rt/driver-api'

/** What a firewall needs to know of a bridge. Subnets with prefix length, without host bits. */
export interface FirewalledBridge {
  readonly bridge: string
  readonly subnets: { readonly v4: string; readonly v6?: string }
  /**
   * Containers go out under the host's address, and nothing comes in but answers and published ports. Off: the network is routed; whoever
   * knows the way to it may come in, except other networks of rt's.
   */
  readonly masquerade: boolean
  /** Nothing out, nothing in, whatever `masquerade` says. */
  readonly internal: boolean
}

/** A published port with where it leads; addresses inside, without prefix length. A port of a family that has no address there is left out. */
export interface Published {
  /** The container's id: its rules are its own, even where another container had the same address before. */
  readonly container: string
  readonly port: PublishedPort
  readonly to4?: string
  readonly to6?: string
}

export interface PublishPlan {
  readonly enter: readonly HostStep[]
  /** Idempotent, and simple enough for the shim to perform. */
  readonly leave: readonly HostStep[]
}

/** A bridge with all that is published on it. */
export interface PublishingBridge {
  readonly bridge: FirewalledBridge
  readonly ports: readonly Published[]
}

/**
 * The rules of bridges, by one program or another. It looks at the host and answers with steps; what it changes itself are only its own
 * notes of what it saw. Every step is right also when others are performed by other starts in between.
 *
 * Errors of all methods: RT_TOOL_MISSING, RT_STEP_FAILED where the program that looks fails; of the steps RT_NET_NO_FIREWALL.
 */
export interface Firewall {
  /**
   * The steps that close the gaps of this bridge; none, and no process started, where its rules are known to be complete. `ports`: those that
   * are to be published next, for the sake of which more may be missing.
   */
  ensure(bridge: FirewalledBridge, ports?: readonly PublishedPort[]): readonly HostStep[]
  /** For one container, after the steps of `ensure`. Nothing where the bridge is internal. */
  publish(bridge: FirewalledBridge, ports: readonly Published[]): PublishPlan
  /** Puts everything of these bridges back, ports too, after somebody flushed it. The caller lets no container start meanwhile. */
  reload(bridges: readonly PublishingBridge[]): readonly HostStep[]
  /** Takes away rules of containers that are gone; no error where there are none. */
  unpublish(bridge: string, ports: readonly Published[]): readonly HostStep[]
  /** Takes away all rules of these bridges, and what all bridges share when no other one is left. */
  remove(bridges: readonly string[]): readonly HostStep[]
  /** Only looks. */
  probe(): Probe
}

export type FirewallBackend = 'iptables' | 'nftables'

export interface FirewallContext {
  /** Notes and the lock lie in `<runRoot>/net/bridge`. */
  readonly runRoot: string
}
