import {
  type HostStep,
  type NetnsStep,
  type NetworkPlan,
  type NetworkRequest,
  type PublishedPort,
  RtError,
} from '@rt/driver-api'
import { performLeave, performSteps } from '@rt/native'
import { forgetSteps, joinNames } from '../names/connect.ts'
import type { WantedNetwork } from '../request.ts'
import { type Context, target } from '../store/context.ts'
import { type ConnectedNetwork, type ContainerRecord, writeRecord } from '../store/record.ts'
import { underLock } from '../store/under-lock.ts'
import { askedOf, connectedBy, disconnected } from './join.ts'
import { appendNetworkEvent } from './journal.ts'
import { type LiveNetwork, liveNetwork } from './live.ts'
import { isJoinable, resolveNetwork, useOf } from './resolve.ts'
import type { ResolvedNetwork } from './resolved.ts'
import { openWayBack } from './way-back.ts'

/**
 * Connects a container to one more network: a running one at once, any for its next starts.
 *
 * @throws RtError RT_NET_UNKNOWN, RT_NET_CONNECTED, RT_NET_MODE, and what the driver says of the addresses
 */
export const connectContainer = (context: Context, wish: WantedNetwork, text: string): Promise<void> =>
  underLock(context, async () => {
    const { layout, registry } = context
    const container = target(layout, text)
    const { record } = container
    const network = await resolveNetwork(layout, registry, wish)
    await checkJoins(context, record, network)
    const live = liveNetwork(layout, container)
    try {
      const connected = live ? await plugIn(context, record, network, live) : disconnected(network)
      const before = connectedNow(record)
      const { idlePorts, ...known } = record
      const again = live ? portsFor(record, network) : []
      writeRecord(layout.record(record.id), {
        ...known,
        ...(again.length > 0 ? { ports: again } : idlePorts && { idlePorts }),
        networks: [...before, connected],
        request: { ...record.request, networks: [...wishesOf(record, before), { ...wish, name: network.name }] },
      })
    } finally {
      live?.close()
    }
    appendNetworkEvent(layout, 'connect', useOf(network), record.id)
  })

/** A container that was disconnected from everything has only loopback, which is not a network to stay connected to. */
export const connectedNow = ({ networks, request }: ContainerRecord): readonly ConnectedNetwork[] =>
  request.networks?.length === 0 ? [] : networks

export const wishesOf = (record: ContainerRecord, connected: readonly ConnectedNetwork[]): readonly WantedNetwork[] =>
  (record.request.networks ?? []).filter((_, index) => connected[index] !== undefined)

const checkJoins = async (
  { layout, registry }: Context,
  record: ContainerRecord,
  network: ResolvedNetwork,
): Promise<void> => {
  const now = connectedNow(record)
  if (now.some(({ name }) => name === network.name))
    throw new RtError('RT_NET_CONNECTED', `The container ${record.name} is connected to ${network.name} already`)
  if (!isJoinable(network))
    throw new RtError('RT_NET_MODE', `A container cannot be connected to the network ${network.name} in addition`)
  for (const { name } of now)
    if (!isJoinable(await resolveNetwork(layout, registry, { name })))
      throw new RtError(
        'RT_NET_MODE',
        `The container ${record.name} has the network ${name}, which excludes all others`,
      )
}

const plugIn = async (
  { layout }: Context,
  record: ContainerRecord,
  network: ResolvedNetwork,
  live: LiveNetwork,
): Promise<ConnectedNetwork> => {
  const { id } = record
  const wayBack = openWayBack(layout, id, record.name, [useOf(network)])
  let plan: NetworkPlan | undefined
  let plugged = false
  try {
    live.check()
    const request = requestFor(record, network)
    plan = await network.driver.setup(request)
    if (plan.namespace !== 'new')
      throw new RtError('RT_INTERNAL', `The network driver ${network.driverName} planned "${plan.namespace}"`)
    const now = connectedNow(record)
    wayBack.add([...[...now, network].flatMap(({ name }) => forgetSteps(layout, id, name)), ...plan.leave])
    performSteps(plan.enter, { netns: live.netns })
    plugged = true
    const attachment = await network.driver.attached?.(request, plan.attachment)
    const connected = connectedBy(network, { ...plan, ...(attachment && { attachment }) })
    joinNames(layout, record, live, now, connected)
    return connected
  } catch (error) {
    // The first error is the one to tell; what cannot be taken back now goes with the container, or is found by the driver's gc.
    const errors = plugged ? unplug(plan?.disconnect ?? [], live) : []
    errors.push(...performLeave([...forgetSteps(layout, id, network.name), ...(plan?.leave ?? [])]))
    // Who has been told the container's names already forgets them at its end, too.
    if (!plugged) wayBack.restore()
    if (error instanceof Error && errors.length > 0) error.cause = new AggregateError([error.cause, ...errors])
    throw error
  }
}

const unplug = (steps: readonly (HostStep | NetnsStep)[], { netns }: LiveNetwork): Error[] => {
  try {
    performSteps(steps, { netns })
    return []
  } catch (error) {
    return [error instanceof Error ? error : new Error(String(error))]
  }
}

const requestFor = (record: ContainerRecord, network: ResolvedNetwork): NetworkRequest => {
  const { id, name, spec, request } = record
  const now = connectedNow(record)
  const ports = portsFor(record, network)
  return {
    container: { id, name, hostname: spec.hostname },
    dns: request.dns,
    ...askedOf(network),
    interface: freeInterface(now),
    primary: now.length === 0,
    ...(ports.length > 0 && { ports }),
  }
}

/** Those that led through a network that it has left lead through its first one again. */
const portsFor = (
  record: ContainerRecord,
  { capabilities, definition, driver }: ResolvedNetwork,
): readonly PublishedPort[] =>
  connectedNow(record).length === 0 && capabilities.ports && driver.ownPorts !== true && definition?.internal !== true
    ? (record.idlePorts ?? [])
    : []

const freeInterface = (connected: readonly ConnectedNetwork[]): string => {
  const names = new Set(connected.flatMap(({ attachment }) => attachment.interfaces.map(({ name }) => name)))
  for (let number = 0; ; number++) if (!names.has(`eth${number}`)) return `eth${number}`
}
