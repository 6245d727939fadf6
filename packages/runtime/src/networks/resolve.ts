import { didYouMean, RtError } from '@rt/driver-api'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import { CONTAINER_MODE, type WantedNetwork } from '../request.ts'
import { isName } from '../store/find.ts'
import type { NetworkUse } from '../store/leave.ts'
import type { ResolvedNetwork } from './resolved.ts'
import { listNetworks, type NetworkRecord, networkNames, readNetwork } from './store.ts'

/** Those that Docker has, too: never looked up in the store, where nobody can put them. */
export const OWN_NETWORKS: readonly string[] = ['bridge', 'host', 'none']

/** @throws RtError RT_NET_UNKNOWN with a suggestion, RT_NET_MODE for networks that do not go together */
export const resolveNetworks = async (
  layout: Layout,
  registry: DriverRegistry,
  wishes: readonly WantedNetwork[],
): Promise<ResolvedNetwork[]> => {
  // Disconnected from everything: only loopback is left.
  const all = wishes.length === 0 ? [{ name: 'none' }] : wishes
  const networks: ResolvedNetwork[] = []
  for (const wish of all) networks.push(await resolveNetwork(layout, registry, wish))
  checkTogether(networks)
  return networks
}

/** @throws RtError RT_NET_UNKNOWN */
export const resolveNetwork = async (
  layout: Layout,
  registry: DriverRegistry,
  wish: WantedNetwork,
): Promise<ResolvedNetwork> => {
  if (wish.name.startsWith(`${CONTAINER_MODE}:`)) {
    const { resolveContainer } = await import('./container-mode.ts')
    const { name, ...asked } = wish
    return withAsked(resolveContainer(layout, name.slice(CONTAINER_MODE.length + 1)), asked)
  }
  const record = OWN_NETWORKS.includes(wish.name) ? undefined : findNetwork(layout, wish.name)
  const driverName = record?.driver ?? wish.name
  if (!record && !registry.find('network', driverName)) throw unknownNetwork(layout, registry, wish.name)
  return {
    wish,
    name: record?.definition.name ?? wish.name,
    driverName,
    driver: await registry.resolve('network', driverName),
    capabilities: await registry.capabilities('network', driverName),
    ...(record && { definition: record.definition }),
  }
}

/** For the check that there is nothing to ask for. */
const withAsked = (network: ResolvedNetwork, asked: Omit<WantedNetwork, 'name'>): ResolvedNetwork => ({
  ...network,
  wish: { ...network.wish, ...asked },
})

/** By name, id or unambiguous prefix of an id. */
export const findNetwork = (layout: Layout, text: string): NetworkRecord | undefined => {
  const named = isName(text) ? readNetwork(layout, text) : undefined
  if (named || !/^[0-9a-f]{4,64}$/.test(text)) return named
  const [found, another] = listNetworks(layout).filter(({ definition }) => definition.id.startsWith(text))
  return another ? undefined : found
}

export const networkDrivers = (registry: DriverRegistry): string[] =>
  registry.list().flatMap(({ axis, name }) => (axis === 'network' ? [name] : []))

export const unknownNetwork = (layout: Layout, registry: DriverRegistry, name: string): RtError =>
  new RtError(
    'RT_NET_UNKNOWN',
    `There is no network "${name}".${didYouMean(name, [...networkNames(layout), ...networkDrivers(registry)])}`,
  )

/** As a clean-up needs to know it. */
export const useOf = ({ name, driverName, definition }: ResolvedNetwork): NetworkUse => ({
  name,
  driver: driverName,
  ...(definition && { id: definition.id }),
})

/** Whether it is of those that a container can have several of: with a namespace and interfaces of its own. */
export const isJoinable = ({ driver, capabilities }: Pick<ResolvedNetwork, 'driver' | 'capabilities'>): boolean =>
  driver.namespace !== 'host' && driver.namespace !== 'join' && capabilities.combine

const checkTogether = (networks: readonly ResolvedNetwork[]): void => {
  for (const network of networks) {
    const { wish, joined } = network
    const name = joined ? `${CONTAINER_MODE}:${joined.name}` : network.name
    if (isJoinable(network) && network.capabilities.addresses) continue
    if (networks.length > 1 && !isJoinable(network))
      throw new RtError('RT_NET_MODE', `The network ${name} cannot be combined with others`, {
        remedy: `Leave out --network=${name}, or the other ones.`,
      })
    const asked = wish.ip ?? wish.ip6 ?? wish.mac ?? (isJoinable(network) ? undefined : wish.aliases?.[0])
    if (asked !== undefined)
      throw new RtError('RT_NET_MODE', `The network ${name} has no addresses or names of its own: "${asked}"`)
  }
  const names = networks.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new RtError('RT_NET_CONNECTED', `The network ${twice} was given twice`, {
      remedy: 'Give each network once.',
      exitCode: 125,
    })
}
