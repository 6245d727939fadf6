import { existsSync } from 'node:fs'
import type { ContainerId, HostStep } from '@rt/driver-api'
import { performSteps, rebindFile } from '@rt/native'
import type { Layout } from '../layout.ts'
import type { HeldInit } from '../store/init.ts'
import type { ConnectedNetwork, ContainerRecord } from '../store/record.ts'
import { addStep, fileOf, makeNetworkSteps, ownLink, removeStep } from './files.ts'
import { isHostFile, LOOPBACK, ownHosts } from './host-files.ts'
import { namedNetworks } from './networks.ts'
import { linkStep, namesIn, ownStep, unlinkStep } from './plan.ts'

const HOSTS = '/etc/hosts'

/** So that nobody in a network finds the container any more, nor it them. Idempotent. */
export const forgetSteps = (layout: Layout, id: ContainerId, network: string): HostStep[] => [
  removeStep(layout, network, id),
  unlinkStep(ownLink(layout, network, id)),
]

/** A running container is found in one more network, and finds those who are there. */
export const joinNames = (
  layout: Layout,
  record: ContainerRecord,
  init: HeldInit,
  before: readonly ConnectedNetwork[],
  connected: ConnectedNetwork,
): void => {
  const [named] = namedNetworks([connected])
  if (!named) return
  const { id, request } = record
  const names = namesIn(layout, record, request, [named])
  performSteps([...makeNetworkSteps(layout, named.name, LOOPBACK), addStep(layout, named, names)])
  if (hasOwn(layout, id, before)) performSteps([someLines(layout, 'lines.join', id, named.name)])
  else giveOwn(layout, record, init, [...before, connected])
}

/** The reverse. */
export const partNames = (
  layout: Layout,
  record: ContainerRecord,
  init: HeldInit,
  rest: readonly ConnectedNetwork[],
  { name }: ConnectedNetwork,
): void => {
  const { id } = record
  if (!existsSync(fileOf(layout, name))) return
  if (existsSync(ownLink(layout, name, id))) performSteps([someLines(layout, 'lines.part', id, name)])
  else giveOwn(layout, record, init, rest)
  performSteps(forgetSteps(layout, id, name))
}

/**
 * One without a network has had no other from its start, or since it left its last. A file that is mounted must not be made anew: the kernel
 * mounts nothing over one whose name has gone.
 */
const hasOwn = (layout: Layout, id: ContainerId, networks: readonly ConnectedNetwork[]): boolean =>
  networks.length === 0 || networks.some(({ name }) => existsSync(ownLink(layout, name, id)))

const ownPath = (layout: Layout, id: ContainerId): string => `${layout.container(id)}/hosts`

const someLines = (layout: Layout, op: 'lines.join' | 'lines.part', id: ContainerId, network: string): HostStep => ({
  where: 'host',
  op,
  path: ownPath(layout, id),
  link: ownLink(layout, network, id),
  from: fileOf(layout, network),
  lock: layout.hostsLock,
  why: `Whom a container finds by name changes with the network ${network}.`,
})

/**
 * The file that it shared is that of other networks than it is in now, and may be replaced once it has no line in it: another one takes its
 * place. Where the kernel cannot do that it goes on to see the names of its start.
 */
const giveOwn = (
  layout: Layout,
  record: ContainerRecord,
  init: HeldInit,
  networks: readonly ConnectedNetwork[],
): void => {
  const { id, name, request, spec } = record
  const mount = spec.mounts.find(({ destination }) => destination === HOSTS)
  if (!mount || !isHostFile(mount, record)) return
  const path = ownPath(layout, id)
  const named = namedNetworks(networks).map((network) => network.name)
  const interfaces = networks.flatMap(({ attachment }) => attachment.interfaces)
  const head = ownHosts({ id, name, hostname: spec.hostname }, request, {
    namespace: 'new',
    attachment: { driver: '', interfaces },
  })
  const links = named.map((network) => ownLink(layout, network, id))
  const restarts = existsSync(layout.hostsLink(id))
  performSteps([ownStep(layout, path, head, named, links), ...(restarts ? [linkStep(layout.hostsLink(id), path)] : [])])
  rebindFile({ ...init, source: path, target: HOSTS })
}
