import { createHash } from 'node:crypto'
import { type NetworkDefinition, RtError } from '@rt/driver-api'
import { type Filters, hasLabel } from '../filters/filters.ts'
import type { Context } from '../store/context.ts'
import { findNetwork, networkDrivers, OWN_NETWORKS, unknownNetwork } from './resolve.ts'
import { listNetworks, type NetworkRecord } from './store.ts'
import { type NetworkUser, usersOf } from './users.ts'

/** A network as `ls` and `inspect` show it. */
export interface SeenNetwork {
  readonly name: string
  readonly id: string
  readonly driver: string
  /** undefined: a driver's own, which nobody made. */
  readonly created?: string
  readonly labels: Readonly<Record<string, string>>
  readonly definition?: NetworkDefinition
}

/** 64 hexadecimal digits. A driver's own network has none on disk: the same name is the same network, whatever the machine. */
export const networkId = (name: string, id?: string): string =>
  id ?? createHash('sha256').update(`rt network ${name}`).digest('hex')

export const NETWORK_FILTERS = ['id', 'name', 'driver', 'label', 'type', 'dangling', 'scope']

/** The drivers' own and those that users defined, by name. */
export const listSeenNetworks = ({ layout, registry }: Context, filters: Filters): SeenNetwork[] => {
  const all = [...ownNetworks(networkDrivers(registry)), ...listNetworks(layout).map(seenOf)]
  const used = filters.has('dangling') ? new Set(all.filter(({ name }) => usersOf(layout, name).length > 0)) : undefined
  const tests: Readonly<Record<string, (network: SeenNetwork, value: string) => boolean>> = {
    id: ({ id }, value) => id.startsWith(value),
    name: ({ name }, value) => name.includes(value),
    driver: ({ driver }, value) => driver === value,
    type: ({ definition }, value) => value === (definition ? 'custom' : 'builtin'),
    scope: (_, value) => value === 'local',
    dangling: (network, value) =>
      (value === 'true') === (network.definition !== undefined && used?.has(network) === false),
  }
  return all
    .filter(
      (network) =>
        Object.entries(tests).every(([key, test]) => filters.get(key)?.some((value) => test(network, value)) ?? true) &&
        (filters.get('label') ?? []).every((label) => hasLabel(network.labels, label)),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

export interface UsedNetwork extends SeenNetwork {
  /** Live ones. */
  readonly users: readonly NetworkUser[]
}

export interface InspectedNetwork extends UsedNetwork {
  /** Of a driver's own network: what the driver says, or else its device's of IPv4. */
  readonly subnets: readonly Pick<NetworkDefinition['subnets'][number], 'subnet' | 'gateway' | 'ipRange'>[]
}

/** @throws RtError RT_NET_UNKNOWN */
export const inspectWithSubnets = async (context: Context, text: string): Promise<InspectedNetwork> => {
  const network = inspectNetwork(context, text)
  if (network.definition) return { ...network, subnets: network.definition.subnets }
  const driver = await context.registry.resolve('network', network.driver)
  const { subnets, device } = (await driver.look?.()) ?? {}
  return { ...network, subnets: subnets ?? (device?.addresses ?? []).flatMap(subnetOf) }
}

/** `172.16.0.1/16`: the subnet, and who stands for the host in it. */
const subnetOf = (address: string): InspectedNetwork['subnets'] => {
  const [, gateway, length] = /^([\d.]+)\/(\d+)$/.exec(address) ?? []
  if (gateway === undefined) return []
  const shift = 32n - BigInt(length ?? 32)
  const whole = gateway.split('.').reduce((number, byte) => (number << 8n) | BigInt(byte), 0n)
  const first = (whole >> shift) << shift
  const bytes = [24n, 16n, 8n, 0n].map((at) => (first >> at) & 255n)
  return [{ subnet: `${bytes.join('.')}/${length}`, gateway }]
}

/** @throws RtError RT_NET_UNKNOWN */
export const inspectNetwork = ({ layout, registry }: Context, text: string): UsedNetwork => {
  const drivers = networkDrivers(registry)
  const record = OWN_NETWORKS.includes(text) ? undefined : findNetwork(layout, text)
  const own = ownNetworks(drivers).find(({ name, id }) => name === text || (text.length >= 4 && id.startsWith(text)))
  const seen = record ? seenOf(record) : own
  if (!seen) throw atNetwork(unknownNetwork(layout, registry, text))
  return { ...seen, users: usersOf(layout, seen.name) }
}

const atNetwork = ({ code, message, remedy }: RtError): RtError => new RtError(code, message, { remedy, exitCode: 1 })

const ownNetworks = (drivers: readonly string[]): SeenNetwork[] =>
  drivers.map((name) => ({ name, id: networkId(name), driver: name, labels: {} }))

const seenOf = ({ driver, created, labels, definition }: NetworkRecord): SeenNetwork => ({
  name: definition.name,
  id: definition.id,
  driver,
  created,
  labels,
  definition,
})
