import { join } from 'node:path'
import { createWorld, type Place, patience, type Running, type RunOptions, type World } from '@rt/test-world'
import type { FirewallBackend, FirewalledBridge, Published } from '../../src/firewall/firewall.ts'

/** A host with four networks, made by hand with `ip`, and a neighbour that knows the way to each of them. */
export const BRIDGES = {
  br0: { bridge: 'br0', subnets: { v4: '172.16.0.0/16', v6: 'fd00:16::/64' }, masquerade: true, internal: false },
  other: {
    bridge: 'rt-other',
    subnets: { v4: '172.17.0.0/16', v6: 'fd00:17::/64' },
    masquerade: true,
    internal: false,
  },
  internal: {
    bridge: 'rt-inner',
    subnets: { v4: '172.18.0.0/16', v6: 'fd00:18::/64' },
    masquerade: true,
    internal: true,
  },
  routed: {
    bridge: 'rt-routed',
    subnets: { v4: '172.19.0.0/16', v6: 'fd00:19::/64' },
    masquerade: false,
    internal: false,
  },
} as const satisfies Readonly<Record<string, FirewalledBridge>>

export type NetworkName = keyof typeof BRIDGES

/** Containers and where they are plugged in. */
export const CONTAINERS = {
  web: 'br0',
  near: 'br0',
  far: 'other',
  inner: 'internal',
  inner2: 'internal',
  routed: 'routed',
} as const
export type ContainerName = keyof typeof CONTAINERS
export type PeerName = ContainerName | 'host' | 'neighbour'

const part = (name: NetworkName): number => 16 + Object.keys(BRIDGES).indexOf(name)
const place = (name: ContainerName): number =>
  2 +
  Object.entries(CONTAINERS)
    .filter(([, network]) => network === CONTAINERS[name])
    .findIndex(([each]) => each === name)

export const addressOf = (name: PeerName, family: 4 | 6): string => {
  if (name === 'host') return family === 4 ? '198.51.100.2' : '2001:db8::2'
  if (name === 'neighbour') return family === 4 ? '198.51.100.1' : '2001:db8::1'
  const network = part(CONTAINERS[name])
  return family === 4 ? `172.${network}.0.${place(name)}` : `fd00:${network}::${place(name)}`
}

/** The host's address on a bridge. */
export const gatewayOf = (name: NetworkName, family: 4 | 6): string =>
  family === 4 ? `172.${part(name)}.0.1` : `fd00:${part(name)}::1`

export const containerId = (name: ContainerName): string => name.padEnd(64, '0')

const script = (name: string): string => join(import.meta.dirname, name)

export interface LabOptions {
  readonly backend: FirewallBackend
  /** The old front end of iptables, which keeps its rules outside of nf_tables. */
  readonly legacy?: boolean
  /** What the host's own iptables does with what is forwarded. */
  readonly policy?: 'ACCEPT' | 'DROP'
}

export class Lab implements AsyncDisposable {
  readonly world: World
  readonly #agent: Running
  #asked = 0
  readonly #waiting = new Map<number, (answer: string) => void>()
  readonly #peers = new Map<PeerName, Running>()

  readonly #backend: FirewallBackend

  private constructor(world: World, agent: Running, backend: FirewallBackend) {
    this.world = world
    this.#agent = agent
    this.#backend = backend
  }

  static async create({ backend, legacy = false, policy = 'ACCEPT' }: LabOptions): Promise<Lab> {
    const world = await createWorld()
    await world.host.sh(makeHost())
    await world.internet.sh(makeNeighbour())
    if (legacy) await world.host.sh(LEGACY)
    await world.host.sh(`${SEARCH} iptables -P FORWARD ${policy}; ip6tables -P FORWARD ${policy}`)
    const lab = new Lab(world, await startAgent(world.host, backend), backend)
    await Promise.all([
      lab.#start('neighbour', world.internet, []),
      lab.#start('host', world.host, []),
      ...(Object.keys(CONTAINERS) as ContainerName[]).map((name) =>
        lab.#start(name, world.host, ['ip', 'netns', 'exec', name]),
      ),
    ])
    return lab
  }

  get host(): Place {
    return this.world.host
  }

  /** As a user of the host: with the front end of iptables that it has. */
  sh(command: string, options: RunOptions = {}): Promise<string> {
    return this.host.sh(`${SEARCH} ${command}`, options)
  }

  /** Calls the firewall on the host and performs what it answers; says how many steps that were. */
  call(method: string, ...args: readonly unknown[]): Promise<unknown> {
    return callAgent(this.#agent, method, args)
  }

  /** Other processes that call it, as other containers' starts do; each makes its calls in order, all at once. */
  async crowd(all: readonly (readonly (readonly [string, ...unknown[]])[])[]): Promise<void> {
    const agents = await Promise.all(all.map(() => startAgent(this.host, this.#backend)))
    await Promise.all(
      all.map(async (calls, index) => {
        for (const [method, ...args] of calls) await callAgent(agents[index] as Running, method, args)
      }),
    )
    for (const agent of agents) agent.closeInput()
  }

  /** Who answers, and what address it sees; `nothing`, or the errno of a refusal. */
  async ask(
    from: PeerName,
    address: string,
    port: number,
    options: { readonly protocol?: 'tcp' | 'udp'; readonly flow?: string; readonly patience?: number } = {},
  ): Promise<string> {
    const peer = this.#peers.get(from)
    if (peer === undefined) throw new Error(`no ${from}`)
    this.#asked += 1
    const id = this.#asked
    peer.write(`${JSON.stringify({ id, protocol: 'tcp', patience: patience(3000), ...options, address, port })}\n`)
    const answer = await new Promise<string>((resolve) => this.#waiting.set(id, resolve))
    return answer
  }

  /** How many datagrams have come to port 9000 of a peer's 127.0.0.1 or ::1. */
  heard(name: PeerName): number {
    return this.#peers.get(name)?.stdout.match(/^heard$/gm)?.length ?? 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]()
  }

  async #start(name: PeerName, where: Place, prefix: readonly string[]): Promise<void> {
    const peer = where.spawn([...prefix, process.execPath, script('peer.mjs'), name])
    this.#peers.set(name, peer)
    await peer.waitFor(/ready\n/, { timeout: 60_000 })
    void this.#listen(peer)
  }

  /** Answers come in any order: a peer asks several at once. */
  async #listen(peer: Running): Promise<void> {
    for (;;) {
      const line = await peer.waitFor(/answer (\d+) (.*)\n/, { timeout: 600_000 }).catch((error: Error) => error)
      // It ends with the world.
      if (peer.ended) return
      if (line instanceof Error) throw line
      this.#waiting.get(Number(line[1]))?.(line[2] ?? '')
    }
  }
}

/** A port of the host that leads to port 80 of a container, in both families. */
export const published = (
  name: ContainerName,
  hostPort: number,
  options: { readonly protocol?: 'tcp' | 'udp'; readonly at?: readonly string[] } = {},
): readonly Published[] =>
  (options.at ?? ['0.0.0.0', '::']).map((hostAddress) => ({
    container: containerId(name),
    port: { protocol: options.protocol ?? 'tcp', hostAddress, hostPort, containerPort: 80 },
    to4: addressOf(name, 4),
    to6: addressOf(name, 6),
  }))

const startAgent = async (host: Place, backend: FirewallBackend): Promise<Running> => {
  const argv = [process.execPath, '--conditions=@rt/source', script('agent.ts'), backend, '/run/rt']
  const env = { NODE_COMPILE_CACHE: '/run/world/compiled' }
  const agent = host.spawn(['sh', '-c', `${SEARCH} exec "$@"`, 'sh', ...argv], { env })
  // Many at once take their time.
  await agent.waitFor(/ready\n/, { timeout: 60_000 })
  return agent
}

const callAgent = async (agent: Running, method: string, args: readonly unknown[]): Promise<unknown> => {
  agent.write(`${JSON.stringify([method, ...args])}\n`)
  const [, result = ''] = await agent.waitFor(/result (.*)\n/, { timeout: 60_000 })
  const value = JSON.parse(result)
  if (value?.error !== undefined) throw new Error(`${method}: ${value.error}`)
  return value
}

const SEARCH = 'export PATH=/run/legacy:$PATH;'
const LEGACY = `mkdir /run/legacy; cd /run/legacy
  for name in iptables ip6tables; do for what in '' -save -restore; do ln -s /usr/sbin/$name-legacy$what $name$what; done; done`

const makeHost = (): string =>
  [
    'mkdir -p /run/rt/net/bridge /run/netns',
    'echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6',
    'ip -6 addr add 2001:db8::2/64 dev eth0 nodad; ip -6 route add default via 2001:db8::1',
    'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding',
    ...(Object.keys(BRIDGES) as NetworkName[]).flatMap((name) => [
      `ip link add ${BRIDGES[name].bridge} type bridge; ip link set ${BRIDGES[name].bridge} up`,
      `ip addr add ${gatewayOf(name, 4)}/16 dev ${BRIDGES[name].bridge}`,
      `ip -6 addr add ${gatewayOf(name, 6)}/64 dev ${BRIDGES[name].bridge} nodad`,
    ]),
    ...(Object.keys(CONTAINERS) as ContainerName[]).flatMap((name) => [
      `ip netns add ${name}; ip link add v${name} type veth peer name eth0 netns ${name}`,
      `ip link set v${name} master ${BRIDGES[CONTAINERS[name]].bridge} up; ip link set v${name} type bridge_slave hairpin on`,
      `ip -n ${name} link set lo up; ip -n ${name} link set eth0 up`,
      `ip -n ${name} addr add ${addressOf(name, 4)}/16 dev eth0`,
      `ip -n ${name} -6 addr add ${addressOf(name, 6)}/64 dev eth0 nodad`,
      `ip -n ${name} route add default via ${gatewayOf(CONTAINERS[name], 4)}`,
      `ip -n ${name} -6 route add default via ${gatewayOf(CONTAINERS[name], 6)}`,
    ]),
  ].join('\n')

/** It knows a way to every network: masquerading must not be all that keeps it out. */
const makeNeighbour = (): string =>
  [
    'ip -6 addr add 2001:db8::1/64 dev inet0 nodad',
    'ip route add 172.16.0.0/12 via 198.51.100.2; ip -6 route add fd00::/16 via 2001:db8::2',
  ].join('\n')
