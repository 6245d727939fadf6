import { existsSync } from 'node:fs'
import type { ContainerId, HostStep } from '@rt/driver-api'
import type { Layout } from '../layout.ts'
import { listIfThere } from '../store/files.ts'
import { hostsLines, markerOf, type NamedNetwork, type Names } from './lines.ts'

/** The hosts file of all containers that are in exactly these networks. */
export interface SharedFile {
  /** In the directory of the first network; `links` are the same file in those of the others. */
  readonly path: string
  readonly links: readonly string[]
}

/** Two names of 64 characters and what stands between them are a file name yet. */
const LONGEST_KEY = 200

/** undefined: so many networks that no file name holds them. */
export const sharedFile = (layout: Layout, networks: readonly string[]): SharedFile | undefined => {
  const sorted = [...networks].sort()
  const key = sorted.join('+')
  const [path, ...links] = sorted.map((network) => `${layout.hostsOf(network)}/${key}`)
  return path === undefined || key.length > LONGEST_KEY ? undefined : { path, links }
}

/** The file that has all containers of a network, and of no other: where a new file learns of those that are there already. */
export const fileOf = (layout: Layout, network: string): string => `${layout.hostsOf(network)}/${network}`

/** A name that is no network's, in the form that the steps know. */
export const ownLink = (layout: Layout, network: string, id: ContainerId): string => `${layout.hostsOf(network)}/+${id}`

const HEAD = `# All containers of this network have this file in common, and cannot write to it: \`rt run --own-hosts\` gives one a file of its own.
`

/** [] where it is there, as it is once the network has had a container. */
export const makeNetworkSteps = (layout: Layout, network: string, loopback: string): HostStep[] => {
  const path = fileOf(layout, network)
  if (existsSync(path)) return []
  return [
    {
      where: 'host',
      op: 'dir.make',
      path: layout.hostsOf(network),
      mode: 0o700,
      shared: true,
      why: `Here are all hosts files in which the containers of the network ${network} have to be found.`,
    },
    makeStep(layout, { path, links: [] }, [], loopback),
  ]
}

export const makeSharedSteps = (
  layout: Layout,
  file: SharedFile,
  networks: readonly string[],
  loopback: string,
): HostStep[] =>
  [file.path, ...file.links].every((path) => existsSync(path)) ? [] : [makeStep(layout, file, networks, loopback)]

const makeStep = (layout: Layout, file: SharedFile, networks: readonly string[], loopback: string): HostStep => ({
  where: 'host',
  op: 'lines.make',
  ...file,
  lock: layout.hostsLock,
  head: HEAD + loopback,
  from: networks.map((network) => fileOf(layout, network)),
  why: 'One /etc/hosts for all containers of the same networks: nobody has to write one, or to change hundreds, when a container comes or goes.',
  see: 'hosts(5)',
})

/** `renamed`: it was known there under other names. */
export const addStep = (layout: Layout, network: NamedNetwork, names: Names, renamed = false): HostStep => ({
  where: 'host',
  op: 'lines.add',
  directory: layout.hostsOf(network.name),
  lock: layout.hostsLock,
  lines: hostsLines(names, network),
  ...(renamed && { replaces: markerOf(names.id) }),
  why: `Makes the container known by name to all others of the network ${network.name}, without a name server.`,
  see: 'hosts(5)',
})

export const removeStep = (layout: Layout, network: string, id: ContainerId): HostStep => ({
  where: 'host',
  op: 'lines.remove',
  directory: layout.hostsOf(network),
  lock: layout.hostsLock,
  marker: markerOf(id),
  why: `Nobody in the network ${network} finds it by name any more: its address will be another container's.`,
})

/** Only when no container lives. */
export const forgetNamesStep = (layout: Layout): HostStep => ({
  where: 'host',
  op: 'tree.remove',
  path: layout.hosts,
  why: 'There is no container that could be found by name.',
})

/** Only when no container is in the network: nobody has one of these files. */
export const forgetNetworkSteps = (layout: Layout, network: string): HostStep[] => {
  const why = 'Nobody is in the network who could be found by name.'
  const others = listIfThere(layout.hosts)
    .filter((name) => name !== network && !name.startsWith('.'))
    .flatMap((name) => listIfThere(layout.hostsOf(name)).map((key) => `${layout.hostsOf(name)}/${key}`))
    .filter((path) =>
      path
        .slice(path.lastIndexOf('/') + 1)
        .split('+')
        .includes(network),
    )
  return [
    ...others.map((path): HostStep => ({ where: 'host', op: 'file.remove', path, why })),
    { where: 'host', op: 'tree.remove', path: layout.hostsOf(network), why },
  ]
}
