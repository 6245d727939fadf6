import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { HostStep, NetworkDefinition, NetworkPlan, NetworkRequest, NetworkWish } from '@rt/driver-api'
import { createNetns, type Netns, performLeave, performSteps } from '@rt/native'
import BridgeNetworkDriver from '../src/index.ts'

/** What `test/run.ts` and its scenarios share. All of it happens in the namespaces that `run.ts` was started in. */
export interface Container {
  readonly id: string
  readonly plan: NetworkPlan
  readonly netns: Netns
  readonly address: string
}

export const driver = (runRoot: string, options: Record<string, unknown> = {}): BridgeNetworkDriver =>
  new BridgeNetworkDriver({
    root: `${runRoot}/data`,
    runRoot,
    options: { firewall: process.env.RT_TEST_FIREWALL ?? 'iptables', ...options },
  })

export type Asked = Partial<Omit<NetworkRequest, 'container'>>

export const start = async (
  runRoot: string,
  id: string,
  options: Record<string, unknown> = {},
  asked: Asked = {},
): Promise<Container> => join(createNetns(), runRoot, id, options, asked)

/** One more interface in a namespace that is there. */
export const join = async (
  netns: Netns,
  runRoot: string,
  name: string,
  options: Record<string, unknown> = {},
  asked: Asked = {},
): Promise<Container> => {
  const id = name.padEnd(64, '0')
  const container = { id, name, hostname: name }
  const plan = await driver(runRoot, options).setup({ container, dns: [], ...asked })
  performSteps(plan.enter, { netns })
  return { id, plan, netns, address: (plan.attachment.interfaces[0]?.addresses[0] ?? '').split('/')[0] as string }
}

/** `rt network create`, as far as it is the driver's. */
export const define = (
  runRoot: string,
  name: string,
  wish: Partial<NetworkWish> = {},
  others: readonly NetworkDefinition[] = [],
): Promise<NetworkDefinition> => {
  const id = Buffer.from(name).toString('hex').padEnd(64, '0')
  const whole = { name, id, subnets: [], internal: false, ipv6: false, options: {}, ...wish }
  return driver(runRoot).define(whole, others)
}

/** `CODE message` of what is refused. */
export const refusal = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (value) => `not refused: ${JSON.stringify(value)}`,
    ({ code, message }: { code: string; message: string }) => `${code} ${message}`,
  )

export const perform = (steps: readonly HostStep[]): void => performSteps(steps)

export const stop = ({ plan, netns }: Container): void => {
  netns.close()
  const errors = performLeave(plan.leave)
  if (errors[0] !== undefined) throw errors[0]
}

/** A command of this host, in a container's namespace or another one; its output. Throws when it fails. */
export const sh = (command: string, netns?: Netns): string => {
  const { status, stdout, stderr } = spawnSync(...inside(['bash', '-c', command], netns), { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command}: ${stderr}`)
  return stdout
}

/** Whether `from` gets an answer from a TCP server; the answer is the address that the server saw. */
export const ask = (address: string, port: number, from?: Netns): string | undefined => {
  const script = `exec 3<>/dev/tcp/${address}/${port} && cat <&3`
  const { status, stdout } = spawnSync(...inside(['timeout', '2', 'bash', '-c', script], from), { encoding: 'utf8' })
  return status === 0 ? stdout : undefined
}

/** Sends a router advertisement for 2001:db8:bad::/64 by an interface of a namespace, as a router would. */
export const advertise = (link: string, netns: Netns): void => {
  const script = `
import socket, struct
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'${link}')
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
prefix = struct.pack('!BBBBIII', 3, 4, 64, 0xc0, 3600, 3600, 0) + socket.inet_pton(socket.AF_INET6, '2001:db8:bad::')
s.sendto(struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0) + prefix, ('ff02::1', 0, 0, socket.if_nametoindex('${link}')))`
  sh(`python3 -c "${script}"`, netns)
}

/** A TCP server in a namespace that answers every caller with the address that it sees. */
export const serve = async (port: number, netns?: Netns): Promise<ChildProcess> => {
  const source = `require('net').createServer((s) => s.end(s.remoteAddress.replace('::ffff:', ''))).listen(${port}, '::', () => console.log('up'))`
  const server = spawn(...inside([process.execPath, '-e', source], netns), { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: server.stdout as NodeJS.ReadableStream })) if (line === 'up') break
  return server
}

/** A namespace that plays the internet: 192.0.2.2 and 2001:db8::2, which knows no way to the containers' subnets. */
export const internet = (mtu: number): Netns => {
  const netns = createNetns()
  const path = `/proc/${process.pid}/fd/${netns.fd}`
  sh(`ip link add up0 mtu ${mtu} type veth peer name eth0 mtu ${mtu} netns ${path} 2>/dev/null || {
    ip link add up0 mtu ${mtu} type veth peer name eth0 mtu ${mtu}
    nsenter --net=${path} sleep 5 & sleeper=$!
    until [ "$(readlink /proc/$sleeper/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
    ip link set eth0 netns $sleeper; kill $sleeper; }
    ip addr add 192.0.2.1/24 dev up0; ip -6 addr add 2001:db8::1/64 dev up0 nodad; ip link set up0 up
    ip route add default via 192.0.2.2; ip -6 route add default via 2001:db8::2`)
  sh(
    // What it advertises comes from its link-local address, at once.
    'echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad; ip link set lo up; ip addr add 192.0.2.2/24 dev eth0; ip -6 addr add 2001:db8::2/64 dev eth0 nodad; ip link set eth0 up',
    netns,
  )
  return netns
}

const inside = (argv: [string, ...string[]], netns: Netns | undefined): [string, string[]] => {
  const [program, ...rest] = argv
  return netns === undefined ? [program, rest] : ['nsenter', [`--net=/proc/${process.pid}/fd/${netns.fd}`, ...argv]]
}
