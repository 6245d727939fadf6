import type { NetworkDefinition } from '@rt/driver-api'
import type { Layout } from '../layout.ts'
import { listIfThere, readIfThere } from '../store/files.ts'

/** A network that the user defined, as it is kept. */
export interface NetworkRecord {
  readonly version: 1
  readonly driver: string
  /** ISO 8601, UTC */
  readonly created: string
  readonly labels: Readonly<Record<string, string>>
  readonly definition: NetworkDefinition
}

/** undefined: there is none of that name. `name` is a valid one: it becomes a part of a path. */
export const readNetwork = (layout: Layout, name: string): NetworkRecord | undefined => {
  const text = readIfThere(layout.network(name))
  return text === undefined ? undefined : (JSON.parse(text) as NetworkRecord)
}

const SUFFIX = '.json'

export const networkNames = (layout: Layout): string[] =>
  listIfThere(layout.networks)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))

/** Oldest first. */
export const listNetworks = (layout: Layout): NetworkRecord[] =>
  networkNames(layout)
    .flatMap((name) => readNetwork(layout, name) ?? [])
    .sort((a, b) => (a.created < b.created ? -1 : 1))

/** Of one driver: what its methods are given. */
export const definitionsOf = (layout: Layout, driver: string): NetworkDefinition[] =>
  listNetworks(layout)
    .filter((network) => network.driver === driver)
    .map(({ definition }) => definition)
