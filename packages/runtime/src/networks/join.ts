import {
  type ContainerIdentity,
  type NetworkAttachment,
  type NetworkPlan,
  type NetworkRequest,
  type PublishedPort,
  RtError,
} from '@rt/driver-api'
import { performLeave } from '@rt/native'
import type { ConnectedNetwork } from '../store/record.ts'
import type { JoinedContainer, ResolvedNetwork } from './resolved.ts'

/** The plans of all networks of a container as one: in one namespace, the way out first. */
export interface JoinedPlan extends NetworkPlan {
  readonly connected: readonly ConnectedNetwork[]
  readonly joined?: JoinedContainer
}

export interface JoinInput {
  readonly container: ContainerIdentity
  readonly dns: readonly string[]
  readonly networks: readonly ResolvedNetwork[]
  readonly ports: readonly PublishedPort[]
}

/** Asks the drivers, which may take leases: they go back where a later one fails. @throws RtError RT_NET_* */
export const joinNetworks = async (input: JoinInput): Promise<JoinedPlan> => {
  const plans: NetworkPlan[] = []
  try {
    for (const index of input.networks.keys()) plans.push(await planOne(input, index))
    return joined(input.networks, plans)
  } catch (error) {
    // What cannot be given back now is found by the driver's gc; the first error is the one to tell.
    for (const { leave } of plans) performLeave(leave)
    throw error
  }
}

const planOne = async (input: JoinInput, index: number): Promise<NetworkPlan> => {
  const { networks } = input
  const { driver, driverName } = networks[index] as ResolvedNetwork
  const plan = await driver.setup(requestOf(input, index))
  const { namespace = plan.namespace } = driver
  if (namespace === plan.namespace && (networks.length === 1 || namespace === 'new')) return plan
  performLeave(plan.leave)
  throw new RtError(
    'RT_INTERNAL',
    `The network driver ${driverName} announced "${namespace}" and planned "${plan.namespace}"`,
  )
}

/** What the driver of one of the networks is asked. */
export const requestOf = ({ container, dns, networks, ports }: JoinInput, index: number): NetworkRequest => ({
  container,
  dns,
  ...askedOf(networks[index] as ResolvedNetwork),
  ...(networks.length > 1 && { interface: `eth${index}`, primary: index === 0 }),
  ...(index === 0 && ports.length > 0 && { ports }),
})

/** What the user wants of one network, as its driver is asked for it. */
export const askedOf = ({
  wish: { ip, ip6, mac },
  definition,
}: ResolvedNetwork): Pick<NetworkRequest, 'network' | 'ip' | 'ip6' | 'mac'> => ({
  ...(definition && { network: definition }),
  ...(ip !== undefined && { ip }),
  ...(ip6 !== undefined && { ip6 }),
  ...(mac !== undefined && { mac }),
})

/** The record of one. */
export const connectedBy = (network: ResolvedNetwork, plan: NetworkPlan): ConnectedNetwork => ({
  ...recordedWish(network),
  attachment: plan.attachment,
  ...(plan.disconnect && { disconnect: plan.disconnect, leave: plan.leave }),
})

/** The same where it does not run. */
export const disconnected = (network: ResolvedNetwork): ConnectedNetwork => ({
  ...recordedWish(network),
  attachment: { driver: network.driverName, interfaces: [] },
})

const recordedWish = (network: ResolvedNetwork): Omit<ConnectedNetwork, 'attachment'> => {
  const { name, driverName, definition, wish } = network
  const { network: _, ...asked } = askedOf(network)
  return {
    name,
    ...(definition && { id: definition.id }),
    driver: driverName,
    aliases: wish.aliases ?? [],
    ...asked,
  }
}

const joined = (networks: readonly ResolvedNetwork[], plans: readonly NetworkPlan[]): JoinedPlan => {
  const connected = plans.map((plan, index) => connectedBy(networks[index] as ResolvedNetwork, plan))
  const [first] = plans
  if (!first) throw new RtError('RT_INTERNAL', 'a container without a network plan')
  if (plans.length === 1) {
    const { joined } = networks[0] as ResolvedNetwork
    return { ...first, connected, ...(joined && { joined }) }
  }
  return {
    namespace: 'new',
    enter: plans.flatMap(({ enter }) => enter),
    leave: plans.toReversed().flatMap(({ leave }) => leave),
    attachment: joinedAttachment(plans.map(({ attachment }) => attachment)),
    connected,
  }
}

/** All interfaces; what there is one of (resolv.conf) is the first's. */
export const joinedAttachment = (attachments: readonly NetworkAttachment[]): NetworkAttachment => ({
  ...(attachments[0] as NetworkAttachment),
  interfaces: attachments.flatMap(({ interfaces }) => interfaces),
})
