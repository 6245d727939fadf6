import type { Outcome } from '../each.ts'
import { type Filters, parseFilters } from '../filters/filters.ts'
import { pruneTest } from '../filters/prune.ts'
import type { WantedNetwork } from '../request.ts'
import type { Context } from '../store/context.ts'
import { connectContainer } from './connect.ts'
import { createNetwork, type NetworkCreation } from './create.ts'
import { type DisconnectOptions, disconnectContainer } from './disconnect.ts'
import {
  type InspectedNetwork,
  inspectWithSubnets,
  listSeenNetworks,
  NETWORK_FILTERS,
  type SeenNetwork,
} from './look.ts'
import { reloadNetworks } from './reload.ts'
import { pruneNetworks, removeNetworks } from './remove.ts'
import type { NetworkRecord } from './store.ts'
import { networksInUse, type Topology, topologyOf } from './topology.ts'

export type { NetworkCreation } from './create.ts'
export { cleanUpAfterConnected } from './ended.ts'
export type { InspectedNetwork, SeenNetwork } from './look.ts'
export type { NetworkRecord } from './store.ts'
export type { DrawnContainer, DrawnNetwork, Topology } from './topology.ts'

/** What can be done with networks. */
export class Networks {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  /** See `createNetwork`. */
  create(creation: NetworkCreation): Promise<NetworkRecord> {
    return createNetwork(this.#context, creation)
  }

  /** @throws RtError RT_USAGE */
  filters(texts: readonly string[]): Filters {
    return parseFilters(texts, NETWORK_FILTERS)
  }

  list(filters: Filters = new Map()): SeenNetwork[] {
    return listSeenNetworks(this.#context, filters)
  }

  /** @throws RtError RT_NET_UNKNOWN */
  inspect(name: string): Promise<InspectedNetwork> {
    return inspectWithSubnets(this.#context, name)
  }

  /** See `topologyOf`. */
  topology(names: readonly string[]): Promise<Topology> {
    return topologyOf(this.#context, names)
  }

  /** The names of all networks that containers are connected to. */
  inUse(): string[] {
    return networksInUse(this.#context)
  }

  remove(names: readonly string[]): Promise<Outcome[]> {
    return removeNetworks(this.#context, names)
  }

  /** @throws RtError RT_USAGE for a filter that is none */
  async prune(filters: readonly string[] = []): Promise<Outcome[]> {
    return pruneNetworks(this.#context, pruneTest(filters))
  }

  reload(): Promise<string[]> {
    return reloadNetworks(this.#context)
  }

  /** See `connectContainer`. */
  connect(wish: WantedNetwork, container: string): Promise<void> {
    return connectContainer(this.#context, wish, container)
  }

  /** See `disconnectContainer`. */
  disconnect(network: string, container: string, options: DisconnectOptions): Promise<void> {
    return disconnectContainer(this.#context, network, container, options)
  }
}
