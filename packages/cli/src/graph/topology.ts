/** What stands between the wire and the containers' interfaces, as it is now: what `rt network inspect --graph` draws. */
export interface Topology {
  /** The interface of the host's default route; undefined: the host has no way out. */
  readonly uplink?: { readonly name: string; readonly addresses: readonly string[] }
  readonly networks: readonly DrawnNetwork[]
}

export interface DrawnNetwork {
  readonly name: string
  readonly driver: string
  /** The host's interface of this network; undefined: it has none (none, host), or not yet. */
  readonly device?: string
  /** The device's, with prefix length. */
  readonly addresses: readonly string[]
  readonly way: Way
  readonly containers: readonly DrawnContainer[]
}

/** How packets get out: under the host's address, by its routes, as the host itself, or not at all. */
export type Way = 'nat' | 'routed' | 'host' | 'none'

export interface DrawnContainer {
  readonly name: string
  /** Inside; undefined: the container has the host's. */
  readonly interface?: string
  /** The other end of its cable. */
  readonly hostEnd?: string
  readonly addresses: readonly string[]
  /** `0.0.0.0:8080->80/tcp` */
  readonly ports: readonly string[]
}

/** In words, for all three pictures. */
export const WAYS: Readonly<Record<Way, string>> = {
  nat: 'NAT: out under the host’s address',
  routed: 'routed: out under their own addresses',
  host: 'the host’s own interfaces',
  none: 'no way out',
}
