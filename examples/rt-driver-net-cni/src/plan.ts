import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ContainerId,
  type HostStep,
  type NetworkPlan,
  type NetworkRequest,
  type PublishedPort,
  RtError,
} from '@rt/driver-api'
import type { State } from './chain.ts'
import type { Chain } from './conflist.ts'

export const DRIVER_NAME = 'cni'

/** What runs the plugins. */
export interface Program {
  readonly node: string
  /** What it is called where it is put. */
  readonly name: string
  readonly text: () => string
}

export interface CniSettings {
  /** Below `runRoot`. */
  readonly directory: string
  readonly program: Program
  readonly check: boolean
}

/** What is known of one attachment: how it was asked for, and what the plugins answered. */
export const statePath = (directory: string, { container, interface: name = 'eth0' }: NetworkRequest): string =>
  join(directory, `${container.id}-${name}.json`)

/** The whole driver as a function of what is asked for and the chain of plugins. @throws RtError RT_CNI_LACKS */
export const planCni = (
  request: NetworkRequest,
  chain: Chain,
  { directory, program, check }: CniSettings,
): NetworkPlan => {
  const { interface: name = 'eth0' } = request
  const state = statePath(directory, request)
  const script = join(directory, program.name)
  const run = (verb: 'add' | 'check' | 'del', more: Pick<HostStep & { op: 'exec' }, 'why' | 'netns'>): HostStep => ({
    where: 'host',
    op: 'exec',
    argv: [program.node, script, verb, state, ...(more.netns ? ['/proc/self/fd/3'] : [])],
    see: 'https://www.cni.dev/docs/spec/',
    ...more,
  })
  const names = chain.list.plugins.map(({ type }) => type).join(', ')
  return {
    namespace: 'new',
    enter: [
      {
        where: 'host',
        op: 'dir.make',
        path: directory,
        mode: 0o700,
        shared: true,
        why: 'What the plugins were asked and answered is kept here.',
      },
      {
        where: 'host',
        op: 'file.write',
        path: script,
        content: program.text(),
        mode: 0o600,
        shared: true,
        why: 'The program that runs the plugins lies beside that, so that a container can end when this package has been removed.',
      },
      {
        where: 'host',
        op: 'file.write',
        path: state,
        content: JSON.stringify(stateOf(request, chain)),
        mode: 0o600,
        why: 'The plugins are to be asked for the end of what they were asked to begin, whatever has become of the configuration by then.',
      },
      {
        where: 'netns',
        op: 'link.set',
        name: 'lo',
        up: true,
        why: 'A new network namespace has its loopback interface down; programs expect 127.0.0.1 to answer.',
        see: 'network_namespaces(7)',
      },
      run('add', {
        netns: true,
        why: `Asks the plugins of ${chain.file} in order (${names}), each with what the ones before it answered.`,
      }),
      ...(check ? [run('check', { netns: true, why: 'Asks the plugins whether all is as it should be.' })] : []),
    ],
    leave: [
      run('del', {
        why: 'Asks the plugins in reverse order to take back what they did; the namespace itself is gone by now.',
      }),
    ],
    disconnect: [run('del', { netns: true, why: 'Asks the plugins in reverse order to take back what they did.' })],
    // Known when the plugins have answered: `attached`.
    attachment: { driver: DRIVER_NAME, interfaces: [{ name, mac: '', mtu: 1500, addresses: [] }] },
  }
}

const stateOf = (request: NetworkRequest, { list, programs, path }: Chain): State => {
  const { container, interface: name = 'eth0', ip, ip6, mac, ports = [] } = request
  const offers = (capability: string): boolean =>
    list.plugins.some(({ capabilities }) => capabilities?.[capability] === true)
  const lacks = (what: string, capability: string): RtError =>
    new RtError(
      'RT_CNI_LACKS',
      `No plugin of the network ${list.name} has the capability ${capability}, so it cannot ${what}`,
      {
        remedy: `Add one to its configuration list: {"type": "...", "capabilities": {"${capability}": true}}.`,
      },
    )
  const ips = [ip, ip6].filter((address) => address !== undefined)
  if (ports.length > 0 && !offers('portMappings')) throw lacks('publish ports', 'portMappings')
  if (ips.length > 0 && !offers('ips')) throw lacks('give the address that is asked for', 'ips')
  if (mac !== undefined && !offers('mac')) throw lacks('give the MAC address that is asked for', 'mac')
  return {
    container: container.id,
    interface: name,
    path,
    list,
    programs,
    runtime: {
      ...(ports.length > 0 && { portMappings: ports.map(portMapping) }),
      ...(ips.length > 0 && { ips }),
      ...(mac !== undefined && { mac }),
    },
  }
}

/** An unspecified address is left out: to some plugins it is an address like any other. */
const portMapping = ({ protocol, hostAddress, hostPort, containerPort }: PublishedPort) => ({
  hostPort,
  containerPort,
  protocol,
  ...(hostAddress !== '0.0.0.0' && hostAddress !== '::' && { hostIP: hostAddress }),
})

/** Those of containers that do not live, by the program that lies beside them. */
export const staleStates = (directory: string, live: ReadonlySet<ContainerId>): HostStep[] => {
  const names = entries(directory)
  const script = names.find((name) => name.startsWith('chain.'))
  if (script === undefined) return []
  return names
    .filter((name) => /^[0-9a-f]{64}-.+\.json$/.test(name) && !live.has(name.slice(0, 64)))
    .map((name) => ({
      where: 'host',
      op: 'exec',
      argv: [process.execPath, join(directory, script), 'del', join(directory, name)],
      why: 'Its container does not live: the plugins are asked to take back what they did.',
    }))
}

const entries = (directory: string): string[] => {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
