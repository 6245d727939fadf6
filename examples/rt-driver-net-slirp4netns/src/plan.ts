import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerId, HostStep, NetnsStep, NetworkPlan, NetworkRequest, PublishedPort } from '@rt/driver-api'

export const DRIVER_NAME = 'slirp4netns'

export interface SlirpSettings {
  /** The first three numbers of the network. */
  readonly network: string
  /** Bytes. */
  readonly mtu: number
  readonly hostLoopback: boolean
  /** Where the sockets lie by which slirp4netns is told of ports. */
  readonly directory: string
  /** The program that tells it, and what runs that. */
  readonly node: string
  readonly forward: string
}

/** The whole driver as a function of what is asked for. */
export const planSlirp = (request: NetworkRequest, settings: SlirpSettings): NetworkPlan => {
  const { container, interface: name = 'eth0', ports = [], dns } = request
  const { network, mtu } = settings
  const mac = macOf(container.id)
  const socket = socketPath(settings.directory, container.id)
  return {
    namespace: 'new',
    enter: [
      ...birthSteps(),
      ...(ports.length === 0
        ? []
        : [
            {
              where: 'host',
              op: 'dir.make',
              path: settings.directory,
              mode: 0o700,
              shared: true,
              why: 'Ports are published through sockets here.',
            } as const,
          ]),
      {
        where: 'host',
        op: 'helper.start',
        argv: [
          'slirp4netns',
          '--configure',
          `--cidr=${network}.0/24`,
          `--mtu=${mtu}`,
          `--macaddress=${mac}`,
          ...(settings.hostLoopback ? [] : ['--disable-host-loopback']),
          '--enable-sandbox',
          '--enable-seccomp',
          '--exit-fd=4',
          '--ready-fd=5',
          ...(ports.length === 0 ? [] : [`--api-socket=${socket}`]),
          '--netns-type=path',
          '/proc/self/fd/3',
          name,
        ],
        why: `A program makes ${name} inside, reads the packets that the container sends and opens the connections that they ask for; it ends with the container.`,
        see: 'slirp4netns(1)',
      },
      ...(ports.length === 0 ? [] : [publishStep(socket, ports, settings)]),
    ],
    leave:
      ports.length === 0
        ? []
        : [
            {
              where: 'host',
              op: 'file.remove',
              path: socket,
              why: 'The program that listened there has ended with the container.',
            },
          ],
    attachment: {
      driver: DRIVER_NAME,
      // Every container has the same one.
      unreachable: true,
      interfaces: [{ name, mac, mtu, addresses: [`${network}.100/24`], gateway: `${network}.2` }],
      ...(dns.length === 0 && { resolvConf: `nameserver ${network}.3\n` }),
    },
  }
}

const birthSteps = (): NetnsStep[] => [
  {
    where: 'netns',
    op: 'link.set',
    name: 'lo',
    up: true,
    why: 'A new network namespace has its loopback interface down; programs expect 127.0.0.1 to answer.',
    see: 'network_namespaces(7)',
  },
]

const publishStep = (socket: string, ports: readonly PublishedPort[], { node, forward }: SlirpSettings): HostStep => ({
  where: 'host',
  op: 'exec',
  argv: [
    node,
    forward,
    socket,
    ...ports.map(
      ({ protocol, hostAddress, hostPort, containerPort }) => `${protocol} ${hostAddress} ${hostPort} ${containerPort}`,
    ),
  ],
  why: 'Tells slirp4netns which ports of the host to listen on, and which of the container\u2019s they lead to.',
  see: 'slirp4netns(1)',
})

/** A socket's path has at most 107 bytes; no two containers share 32 digits. */
export const socketPath = (directory: string, id: ContainerId): string => join(directory, `${id.slice(0, 32)}.sock`)

/** Locally administered; nobody but slirp4netns ever sees it. */
const macOf = (id: ContainerId): string => `02:${(id.slice(0, 10).match(/../g) ?? []).join(':')}`

/** Left where rt was killed between taking a name and writing down how to give it back. */
export const staleSockets = (directory: string, live: ReadonlySet<ContainerId>): HostStep[] => {
  const used = new Set([...live].map((id) => socketPath(directory, id)))
  return (existsSync(directory) ? readdirSync(directory) : [])
    .map((name) => join(directory, name))
    .filter((path) => !used.has(path))
    .map((path) => ({ where: 'host', op: 'file.remove', path, why: 'Its container does not live.' }))
}
