import { type NetnsStep, RtError } from '@rt/driver-api'
import { performLeave, performSteps } from '@rt/native'
import { forgetSteps, partNames } from '../names/connect.ts'
import { type Context, target } from '../store/context.ts'
import { type ConnectedNetwork, type ContainerRecord, writeRecord } from '../store/record.ts'
import { underLock } from '../store/under-lock.ts'
import { connectedNow, wishesOf } from './connect.ts'
import { appendNetworkEvent } from './journal.ts'
import { type LiveNetwork, liveNetwork } from './live.ts'
import { type PortsMove, performMove, planMove, withMove } from './move-ports.ts'
import { findNetwork } from './resolve.ts'
import { openWayBack } from './way-back.ts'

export interface DisconnectOptions {
  readonly force: boolean
  /** Is given a line where its published ports lead nowhere any more. */
  readonly tell?: (line: string) => void
}

/**
 * Takes a container out of a network: a running one at once, any for its next starts. Published ports that led through it lead through
 * the next one. `force`: also where a part of it cannot be undone.
 *
 * @throws RtError RT_NET_NOT_CONNECTED, RT_NET_MODE, RT_DRIVER_LACKS
 */
export const disconnectContainer = (
  context: Context,
  text: string,
  containerText: string,
  { force, tell = () => {} }: DisconnectOptions,
): Promise<void> =>
  underLock(context, async () => {
    const { layout } = context
    const container = target(layout, containerText)
    const { record } = container
    const name = findNetwork(layout, text)?.definition.name ?? text
    const before = connectedNow(record)
    const connected = before.find((network) => network.name === name)
    if (!connected)
      throw new RtError('RT_NET_NOT_CONNECTED', `The container ${record.name} is not connected to ${name}`, {
        remedy:
          before.length === 0 ? 'It has no network.' : `It is connected to ${before.map((n) => n.name).join(', ')}.`,
      })
    const rest = before.filter((network) => network !== connected)
    const live = liveNetwork(layout, container)
    const led = live !== undefined && connected === before[0] && record.ports !== undefined
    let move: PortsMove | undefined
    try {
      if (led) move = await planMove(context, record, rest)
      // The first is the way out.
      if (live) {
        unplug(live, record, connected, connected === before[0] ? rest : [], force)
        const left = rest.flatMap((network) => forgetSteps(layout, record.id, network.name))
        openWayBack(layout, record.id, record.name, []).add([...left, ...(move?.leave ?? [])])
        const problem = move && performMove(move)
        if (problem !== undefined) move = undefined
        if (led && !move) tell(lostPorts(record, problem))
        partNames(layout, record, live, rest, connected)
      }
    } finally {
      live?.close()
    }
    writeRecord(
      layout.record(record.id),
      changed(record, before, connected, move ? withMove(rest, move) : rest, led && !move),
    )
    appendNetworkEvent(layout, 'disconnect', connected, record.id)
  })

const unplug = (
  { netns }: LiveNetwork,
  { name }: ContainerRecord,
  connected: ConnectedNetwork,
  successors: readonly ConnectedNetwork[],
  force: boolean,
): void => {
  const { disconnect, leave = [], driver } = connected
  if (!disconnect)
    throw new RtError(
      'RT_DRIVER_LACKS',
      `The network driver ${driver} cannot disconnect the running container ${name}`,
      {
        remedy: 'Stop the container first.',
      },
    )
  try {
    performSteps([...disconnect, ...newWayOut(successors)], { netns })
  } catch (error) {
    if (!force) throw error
  }
  const [left] = performLeave(leave)
  if (left && !force) throw left
}

/** Through the first of those that are left which leads somewhere. */
const newWayOut = (successors: readonly ConnectedNetwork[]): NetnsStep[] => {
  const links = successors.flatMap(({ attachment }) => attachment.interfaces)
  const next = links.find(({ gateway }) => gateway !== undefined)
  if (!next) return []
  return [next.gateway, next.gateway6].flatMap((via): NetnsStep[] =>
    via === undefined ? [] : [wayOut(via, next.name)],
  )
}

const wayOut = (via: string, link: string): NetnsStep => ({
  where: 'netns',
  op: 'route.add',
  to: 'default',
  via,
  link,
  why: 'The network that led to everywhere else is gone; the next one does so now.',
  see: 'ip-route(8)',
})

const changed = (
  record: ContainerRecord,
  before: readonly ConnectedNetwork[],
  connected: ConnectedNetwork,
  rest: readonly ConnectedNetwork[],
  portsAreIdle: boolean,
): ContainerRecord => {
  const index = before.indexOf(connected)
  const networks = wishesOf(record, before).filter((_, at) => at !== index)
  const { ports, ...others } = record
  return {
    ...others,
    networks: rest,
    request: { ...record.request, networks },
    // The shim holds them until its end, wherever they lead.
    ...(ports && (portsAreIdle ? { idlePorts: ports } : { ports })),
  }
}

const lostPorts = ({ name, ports = [] }: ContainerRecord, problem?: string): string => {
  const list = [...new Set(ports.map(({ hostPort, protocol }) => `${hostPort}/${protocol}`))].join(', ')
  const why = problem ?? 'none of the networks that it is left with can publish them'
  return `Published ports of ${name} (${list}) lead nowhere until its next start: ${why}`
}
