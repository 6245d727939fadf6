import { existsSync, writeFileSync } from 'node:fs'
import { type ContainerId, type HostStep, RtError } from '@rt/driver-api'
import { performLeave, performSteps } from '@rt/native'
import { type Context, target } from '../lifecycle/context.ts'
import { forgetSteps, joinNames } from '../names/connect.ts'
import type { WantedNetwork } from '../run/request.ts'
import { type NetworkUse, readLeave, writeLeave } from '../store/leave.ts'
import { type ConnectedNetwork, type ContainerRecord, writeRecord } from '../store/record.ts'
import { underLock } from './context.ts'
import { askedOf, connectedBy, disconnected } from './join.ts'
import { appendNetworkEvent } from './journal.ts'
import { type LiveNetwork, liveNetwork } from './live.ts'
import { isJoinable, type ResolvedNetwork, resolveNetwork, useOf } from './resolve.ts'

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
      writeRecord(layout.record(record.id), {
        ...record,
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
  const { id, name, spec } = record
  const now = connectedNow(record)
  const plan = await network.driver.setup({
    container: { id, name, hostname: spec.hostname },
    dns: record.request.dns,
    ...askedOf(network),
    interface: freeInterface(now),
    primary: now.length === 0,
  })
  try {
    if (plan.namespace !== 'new')
      throw new RtError('RT_INTERNAL', `The network driver ${network.driverName} planned "${plan.namespace}"`)
    const connected = connectedBy(network, plan)
    const all = [...now, connected]
    const leave = [...all.flatMap(({ name }) => forgetSteps(layout, id, name)), ...plan.leave]
    promiseToLeave(layout, id, [useOf(network)], leave)
    live.check()
    performSteps(plan.enter, { netns: live.netns })
    joinNames(layout, record, live, now, connected)
    return connected
  } catch (error) {
    performLeave([...forgetSteps(layout, id, network.name), ...plan.leave])
    throw error
  }
}

/**
 * The shim has been given its steps long ago: from here on it leaves all of them to TypeScript, which finds them on disk. Written before
 * the container is known to live: a shim that has not looked yet by then finds it.
 */
export const promiseToLeave = (
  layout: Context['layout'],
  id: ContainerId,
  uses: readonly NetworkUse[],
  steps: readonly HostStep[],
): void => {
  const leave = readLeave(layout, id)
  if (leave === undefined) return
  writeLeave(layout, id, {
    ...leave,
    networks: [...leave.networks, ...uses],
    leave: [...steps, ...leave.leave],
  })
  if (!existsSync(layout.leaveChanged(id))) writeFileSync(layout.leaveChanged(id), '', { mode: 0o600 })
}

const freeInterface = (connected: readonly ConnectedNetwork[]): string => {
  const names = new Set(connected.flatMap(({ attachment }) => attachment.interfaces.map(({ name }) => name)))
  for (let number = 0; ; number++) if (!names.has(`eth${number}`)) return `eth${number}`
}
