import { type NetworkSight, RtError } from '@rt/driver-api'
import { observeNetwork, uplink } from '@rt/native'
import { portsOf } from '../ports/shown.ts'
import { readContainer } from '../store/containers.ts'
import type { Context } from '../store/context.ts'
import { inspectNetwork, listSeenNetworks, type SeenNetwork } from './look.ts'
import { usersOf } from './users.ts'

/** What stands between the wire and the containers' interfaces, as it is now. */
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
  readonly way: NetworkSight['way']
  readonly containers: readonly DrawnContainer[]
  /** Interfaces that are plugged in and belong to no container of rt's. */
  readonly strangers: readonly string[]
}

export interface DrawnContainer {
  readonly name: string
  /** Inside; undefined: the container has the host's. */
  readonly interface?: string
  /** The other end of its cable. */
  readonly hostEnd?: string
  /** Somebody has pulled that end out of the network's device. */
  readonly unplugged: boolean
  readonly addresses: readonly string[]
  /** `0.0.0.0:8080->80/tcp` */
  readonly ports: readonly string[]
}

/** Of these networks, by name or id. @throws RtError RT_NET_UNKNOWN, RT_DRIVER_LACKS */
export const topologyOf = async (context: Context, names: readonly string[]): Promise<Topology> => {
  const networks: DrawnNetwork[] = []
  for (const name of names) networks.push(await drawnNetwork(context, inspectNetwork(context, name)))
  const way = uplink()
  if (way === undefined) return { networks }
  const addresses = observeNetwork().addresses.flatMap(({ link, address }) =>
    link === way && !address.startsWith('fe80:') ? [address] : [],
  )
  return { uplink: { name: way, addresses }, networks }
}

/** The names of all networks that containers are connected to. */
export const networksInUse = (context: Context): string[] =>
  listSeenNetworks(context, new Map()).flatMap(({ name }) => (usersOf(context.layout, name).length > 0 ? [name] : []))

const drawnNetwork = async (context: Context, network: SeenNetwork): Promise<DrawnNetwork> => {
  const driver = await context.registry.resolve('network', network.driver)
  if (!driver.look) throw new RtError('RT_DRIVER_LACKS', `The network driver ${network.driver} cannot be drawn`)
  const { way, device } = await driver.look(network.definition)
  const users = usersOf(context.layout, network.name).sort((a, b) => (a.record.name < b.record.name ? -1 : 1))
  const containers = users.flatMap(({ record, connected }) => {
    const container = readContainer(context.layout, record.id)
    return container ? drawnContainers(container, connected, device?.ports ?? []) : []
  })
  const own = new Set(containers.map(({ hostEnd }) => hostEnd))
  return {
    name: network.name,
    driver: network.driver,
    ...(device && { device: device.name }),
    addresses: device?.addresses ?? [],
    way,
    containers,
    strangers: device?.ports.filter((port) => !own.has(port)) ?? [],
  }
}

type Container = NonNullable<ReturnType<typeof readContainer>>

const drawnContainers = (
  container: Container,
  { attachment, name }: Container['record']['networks'][number],
  plugged: readonly string[],
): DrawnContainer[] => {
  const ports = container.record.networks[0]?.name === name ? portsOf(container) : []
  const common = { name: container.record.name, ports }
  if (attachment.interfaces.length === 0) return [{ ...common, unplugged: false, addresses: [] }]
  return attachment.interfaces.map(({ name: inside, addresses, hostEnd }) => ({
    ...common,
    interface: inside,
    addresses,
    ...(hostEnd !== undefined && { hostEnd }),
    unplugged: hostEnd !== undefined && !plugged.includes(hostEnd),
  }))
}
