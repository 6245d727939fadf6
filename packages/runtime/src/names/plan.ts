import type { ContainerId, ContainerIdentity, HostStep } from '@rt/driver-api'
import type { Layout } from '../layout.ts'
import type { RunRequest } from '../request.ts'
import { readIfThere } from '../store/files.ts'
import { nameHolder } from '../store/find.ts'
import { addStep, fileOf, makeNetworkSteps, makeSharedSteps, ownLink, removeStep, sharedFile } from './files.ts'
import { LOOPBACK } from './host-files.ts'
import type { NamedNetwork, Names } from './lines.ts'

export type { NamedNetwork } from './lines.ts'

/** A container's part in the names of its networks. */
export interface NamesPlan {
  /** What it sees as /etc/hosts; read-only where others see the same. */
  readonly file: { readonly source: string; readonly readonly: boolean }
  readonly enter: readonly HostStep[]
  readonly leave: readonly HostStep[]
}

/** The part of a request that says in which domain a container is. */
export interface Domain {
  readonly spec?: Pick<RunRequest['spec'], 'domainname'>
}

export interface NamesInput {
  readonly layout: Layout
  readonly identity: ContainerIdentity
  readonly request: Pick<RunRequest, 'hostname' | 'addHosts' | 'ownHosts' | 'restart'> & Domain
  /** None: nobody finds it by name. */
  readonly networks: readonly NamedNetwork[]
  /** The text of a hosts file for it alone, others not mentioned. */
  readonly own: () => string
}

/**
 * All containers that are in the same networks have one file in common as their /etc/hosts, so that a start is one write to one file.
 * In the directory of each network are all files in which its containers have to be found: one for each set of networks that it is part
 * of, and links to those of containers that have a file of their own.
 */
export const planNames = (input: NamesInput): NamesPlan => {
  const { layout, identity, request, networks } = input
  const path = `${layout.container(identity.id)}/hosts`
  if (networks.length === 0)
    return { file: { source: path, readonly: false }, enter: [writeStep(path, input.own())], leave: [] }
  const names = networks.map(({ name }) => name)
  const hostname = hostnameFor(layout, identity.id, request.hostname, names)
  const isAlone = request.ownHosts === true || request.addHosts.length > 0 || hostname.clashes
  const shared = isAlone ? undefined : sharedFile(layout, names)
  const known = [
    ...names.flatMap((name) => makeNetworkSteps(layout, name, LOOPBACK)),
    ...(shared && names.length > 1 ? makeSharedSteps(layout, shared, names, LOOPBACK) : []),
    ...networks.map((network) =>
      addStep(layout, network, {
        ...identity,
        hostname: hostname.forOthers,
        domainname: request.spec?.domainname,
      }),
    ),
  ]
  const unknown = names.map((name) => removeStep(layout, name, identity.id))
  if (shared) return { ...sharedPlan(input, shared.path, known), leave: unknown }
  const links = names.map((name) => ownLink(layout, name, identity.id))
  return {
    file: { source: path, readonly: false },
    enter: [...known, ownStep(layout, path, input.own(), names, links)],
    // Its own file stays as it is: somebody may still have to read what it has sent from it.
    leave: [...links.map(unlinkStep), ...unknown],
  }
}

/**
 * What a restart policy starts again mounts what it mounted the first time. Where it has been connected to other networks meanwhile that is
 * another file: hence a link, in its run directory, which is no container's to change.
 */
const sharedPlan = ({ layout, identity, request }: NamesInput, path: string, enter: readonly HostStep[]) => {
  if ((request.restart?.name ?? 'no') === 'no') return { file: { source: path, readonly: true }, enter }
  const link = layout.hostsLink(identity.id)
  return { file: { source: link, readonly: true }, enter: [...enter, linkStep(link, path)] }
}

export const linkStep = (path: string, to: string): HostStep => ({
  where: 'host',
  op: 'file.link',
  path,
  to,
  symbolic: true,
  why: 'Leads to the hosts file of its networks, which may change before its restart policy starts it again.',
})

/** Names under which a running container is to be known from now on, in networks in which it is. */
export const renameSteps = (
  layout: Layout,
  identity: Pick<ContainerIdentity, 'id' | 'name'>,
  request: Pick<RunRequest, 'hostname'> & Domain,
  networks: readonly NamedNetwork[],
): HostStep[] => {
  const known = namesIn(layout, identity, request, networks)
  return networks.map((network) => addStep(layout, network, known, true))
}

/** By which others are to find it there. */
export const namesIn = (
  layout: Layout,
  { id, name }: Pick<ContainerIdentity, 'id' | 'name'>,
  { hostname, spec }: Pick<RunRequest, 'hostname'> & Domain,
  networks: readonly NamedNetwork[],
): Names => {
  const { forOthers } = hostnameFor(
    layout,
    id,
    hostname,
    networks.map((network) => network.name),
  )
  return { id, name, hostname: forOthers, domainname: spec?.domainname }
}

/**
 * What a hostname that somebody chose means for names. Where another container is called so it `clashes`: itself must find its own address,
 * and others must not find it in place of the one that has the name.
 */
const hostnameFor = (
  layout: Layout,
  id: ContainerId,
  hostname: string | undefined,
  networks: readonly string[],
): { readonly clashes: boolean; readonly forOthers: string | undefined } => {
  if (hostname === undefined) return { clashes: false, forOthers: undefined }
  const holder = nameHolder(layout, hostname)
  if (holder !== undefined && holder !== id) return { clashes: true, forOthers: undefined }
  return { clashes: networks.some((network) => isKnown(fileOf(layout, network), hostname)), forOthers: hostname }
}

const isKnown = (path: string, hostname: string): boolean =>
  (readIfThere(path) ?? '')
    .split('\n')
    .some((line) => !line.startsWith('#') && line.split(/\s+/).slice(1).includes(hostname))

const writeStep = (path: string, content: string): HostStep => ({
  where: 'host',
  op: 'file.write',
  path,
  content,
  mode: 0o644,
  why: 'The container finds itself and the names given with --add-host without a name server.',
  see: 'hosts(5)',
})

export const ownStep = (
  layout: Layout,
  path: string,
  head: string,
  networks: readonly string[],
  links: readonly string[],
): HostStep => ({
  where: 'host',
  op: 'lines.make',
  path,
  own: true,
  lock: layout.hostsLock,
  head,
  from: networks.map((network) => fileOf(layout, network)),
  links,
  why: 'A file for this container alone, which it may write to; the links see to it that others are found in it, too.',
  see: 'hosts(5)',
})

export const unlinkStep = (path: string): HostStep => ({
  where: 'host',
  op: 'file.remove',
  path,
  why: 'Nobody reads its hosts file any more.',
})
