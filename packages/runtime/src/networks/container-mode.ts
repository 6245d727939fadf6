import { existsSync, readlinkSync } from 'node:fs'
import {
  type ContainerId,
  type HostStep,
  NETWORK_CAPABILITIES,
  type NetworkDriver,
  type NetworkPlan,
  RtError,
} from '@rt/driver-api'
import { isLocked, type Netns, openNetns, processStartTime } from '@rt/native'
import type { Layout } from '../layout.ts'
import { HOST_FILES } from '../names/host-files.ts'
import type { NamesPlan } from '../names/plan.ts'
import { CONTAINER_MODE, type RunRequest } from '../request.ts'
import type { HostFile } from '../spec/host-file.ts'
import { readContainer } from '../store/containers.ts'
import { findOther } from '../store/find.ts'
import type { ContainerRecord } from '../store/record.ts'
import { readInit } from '../store/state.ts'
import type { JoinedPlan } from './join.ts'
import type { JoinedContainer, ResolvedNetwork } from './resolved.ts'

/**
 * `--network container:NAME`: no network of its own, but the namespace of another container.
 *
 * @throws RtError RT_CONTAINER_UNKNOWN, RT_CONTAINER_AMBIGUOUS
 */
export const resolveContainer = (layout: Layout, text: string): ResolvedNetwork => {
  const record = recordOf(layout, text)
  const name = `${CONTAINER_MODE}:${record.id}`
  return {
    // By its id, which stays when it is renamed.
    wish: { name },
    name,
    driverName: CONTAINER_MODE,
    driver: new ContainerMode(layout, record.id),
    capabilities: NETWORK_CAPABILITIES,
    joined: joinedOf(layout, record),
  }
}

const recordOf = (layout: Layout, text: string): ContainerRecord => {
  const record = readContainer(layout, findOther(layout, text))?.record
  if (!record) throw new RtError('RT_CONTAINER_UNKNOWN', `No such container: ${text}`)
  return record
}

const joinedOf = (layout: Layout, record: ContainerRecord): JoinedContainer => ({
  id: record.id,
  name: record.name,
  hostname: record.spec.hostname,
  files: HOST_FILES.map((name) => {
    const mount = record.spec.mounts.find(({ destination }) => destination === `/etc/${name}`)
    const found = mount?.source ?? `${layout.container(record.id)}/${name}`
    // The link goes with the other one.
    const source = found === layout.hostsLink(record.id) && existsSync(found) ? readlinkSync(found) : found
    return { name, source, readonly: mount?.options.includes('ro') ?? false }
  }),
})

/** Not one that somebody could choose or configure: it knows of containers, which a driver does not. */
class ContainerMode implements NetworkDriver {
  readonly namespace = 'join'
  readonly #layout: Layout
  readonly #id: string

  constructor(layout: Layout, id: string) {
    this.#layout = layout
    this.#id = id
  }

  async probe(): Promise<{ ok: true; detail: string }> {
    return { ok: true, detail: 'needs nothing of the host' }
  }

  async setup(): Promise<NetworkPlan> {
    const init = isLocked(this.#layout.lock(this.#id)) ? readInit(this.#layout, this.#id) : undefined
    return {
      namespace: 'join',
      ...(init && { process: { pid: init.pid, startTime: init.startTime } }),
      enter: [],
      leave: [],
      attachment: { driver: CONTAINER_MODE, interfaces: [] },
    }
  }
}

/** What belongs to the network of the other one, and cannot be another's, too. @throws RtError RT_NET_MODE */
export const checkContainerMode = (request: RunRequest): void => {
  const flags: readonly [flag: string, given: boolean][] = [
    ['--hostname', request.hostname !== undefined],
    ['--dns', request.dns.length > 0],
    ['--dns-search', (request.dnsSearch ?? []).length > 0],
    ['--dns-option', (request.dnsOptions ?? []).length > 0],
    ['--add-host', request.addHosts.length > 0],
    ['--own-hosts', request.ownHosts === true],
    ['--publish', (request.publish ?? []).length > 0],
    ['--publish-all', request.publishAll === true],
    ['--expose', (request.expose ?? []).length > 0],
  ]
  const [flag] = flags.find(([, given]) => given) ?? []
  if (flag !== undefined)
    throw new RtError('RT_NET_MODE', `${flag} does not go together with --network=container:NAME`, {
      remedy: `Give ${flag} to the container whose network it is.`,
    })
}

/**
 * The namespace of a plan that joins one.
 *
 * @throws RtError RT_CONTAINER_NOT_RUNNING
 */
export const openJoined = (plan: JoinedPlan): Netns => {
  const netns = plan.process && openExactly(plan.process)
  if (!netns) throw notJoinable(plan)
  return netns
}

export const notJoinable = ({ joined }: JoinedPlan): RtError =>
  joined
    ? new RtError('RT_CONTAINER_NOT_RUNNING', `The container ${joined.name}, whose network it shares, is not running`, {
        remedy: `Start that one first: \`rt start ${joined.name}\`.`,
        exitCode: 125,
      })
    : new RtError('RT_CONTAINER_NOT_RUNNING', 'The process whose network it shares has ended', { exitCode: 125 })

/** Opened first and the start time compared after, so that it is the namespace of that very process. */
const openExactly = ({ pid, startTime }: NonNullable<NetworkPlan['process']>): Netns | undefined => {
  let netns: Netns
  try {
    netns = openNetns(pid)
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
  if (processStartTime(pid) === startTime) return netns
  netns.close()
  return undefined
}

/**
 * The other one's files are this one's. Those in its directory get one more name in this one's: a restart finds them when the other one
 * has been removed.
 */
export const joinedFiles = (
  layout: Layout,
  id: ContainerId,
  joined: JoinedContainer,
): { readonly files: readonly HostFile[]; readonly links: readonly HostStep[]; readonly names: NamesPlan } => {
  const isItsOwn = (source: string): boolean => source.startsWith(`${layout.container(joined.id)}/`)
  const files = joined.files.map(({ name, source, readonly }) => ({
    source: isItsOwn(source) ? `${layout.container(id)}/${name}` : source,
    destination: `/etc/${name}`,
    readonly,
  }))
  const hosts = files.find(({ destination }) => destination === '/etc/hosts') as (typeof files)[number]
  const isShared = hosts.source.startsWith(`${layout.hosts}/`)
  return {
    files,
    links: joined.files
      .filter(({ source }) => isItsOwn(source))
      .map(({ name, source }) => ({
        where: 'host',
        op: 'file.link',
        path: `${layout.container(id)}/${name}`,
        to: source,
        why: `Who is in the network of ${joined.name} has its /etc/${name}, too.`,
        see: 'link(2)',
      })),
    // It has no address by which others could find it and not the other one.
    names: { file: { source: hosts.source, readonly: isShared }, enter: [], leave: [] },
  }
}
