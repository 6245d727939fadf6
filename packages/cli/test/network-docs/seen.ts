import { join } from 'node:path'
import type { Place, World } from '@rt/test-world'
import { Rt } from '../rt.ts'
import type { Flow, Mode } from './modes.ts'

/** What a page shows, as it was seen in a throwaway host. */
export interface Seen {
  readonly picture: string
  readonly steps: readonly { readonly why: string; readonly commands: readonly string[] }[]
  readonly inside: string
  readonly host: string
  readonly rules: string
  readonly flows: readonly (Flow & {
    readonly address: string
    readonly answer: string | null
    readonly tracked: string | undefined
  })[]
}

const PACKETS = join(import.meta.dirname, '../packets')

export const see = async (world: World, mode: Mode): Promise<Seen> => {
  const { host, internet } = world
  const rt = new Rt(world)
  await rt.run(['run', '--rm', '--network=none', 'busybox', 'true'])
  // As where there is no br_netfilter, which the machine of the test may have loaded.
  await host.sh('! cd /proc/sys/net/bridge 2>/dev/null || for each in bridge-nf-call-ip*; do echo 0 >$each; done')
  const before = async () => {
    for (const args of mode.before ?? []) await rt.out(args)
  }
  await before()
  const steps = parseSteps(await rt.out(['explain', '--name=web', ...mode.flags, 'busybox', 'true']))
  if (mode.file !== 'container') {
    // Explaining takes the first address and gives it back: the container is to have the same one.
    for (const [command, , ...words] of mode.before ?? [])
      if (command === 'network') await rt.out(['network', 'rm', words.at(-1) ?? ''])
    await rt.out(['system', 'reset'])
    await before()
  }
  await rt.out(['run', '-d', '--name=web', ...mode.flags, 'busybox', 'sleep', '1000'])
  if (mode.mate) await rt.out(['run', '-d', '--name=mate', ...mode.mate, 'busybox', 'sleep', '1000'])
  const containers = ['web', ...(mode.mate ? ['mate'] : [])]
  const pids: Record<string, number> = {}
  const addresses: Record<string, string> = {}
  for (const view of JSON.parse(await rt.out(['inspect', ...containers]))) {
    const name = String(view.Name).replace('/', '')
    pids[name] = view.State.Pid
    const networks = Object.values(view.NetworkSettings.Networks) as { IPAddress?: string }[]
    addresses[name] = networks[0]?.IPAddress ?? ''
  }
  // A neighbour that knows the way to the containers.
  await internet.sh('[ $$ != 1 ] && ip route add 172.16.0.0/16 via 198.51.100.2')
  const servers = [
    ...containers.map((name) => serve(host, name, ['nsenter', '-t', String(pids[name]), '-n'], 80, 81)),
    serve(internet, 'internet', [], 9000),
  ]
  for (const server of servers) await server.waitFor(/^listening\n/)
  const flows = []
  for (const flow of mode.flows) flows.push(await tryFlow(world, flow, pids, addresses))
  for (const server of servers) await server.kill()
  for (const server of servers) await server.exit
  const inside = `nsenter -t ${pids.web} -n`
  const families = mode.ipv6 ? ['-4', '-6'] : ['-4']
  const each = (command: (family: string) => string) => families.map(command).join('; ')
  return {
    picture: await rt.out(['network', 'inspect', '--mermaid']),
    steps,
    inside: await host.sh(`${inside} ip -br addr; ${each((f) => `${inside} ip ${f} route`)}`),
    host: await host.sh(`ip -br addr; ${each((f) => `ip ${f} route`)}`),
    rules: await host.sh(`iptables-save${mode.ipv6 ? '; ip6tables-save' : ''}`),
    flows,
  }
}

const serve = (place: Place, name: string, prefix: readonly string[], ...ports: number[]) =>
  place.spawn(['env', `NAME=${name}`, ...prefix, process.execPath, join(PACKETS, 'server.mjs'), ...ports.map(String)])

const tryFlow = async (
  { host, internet }: World,
  flow: Flow,
  pids: Readonly<Record<string, number>>,
  addresses: Readonly<Record<string, string>>,
): Promise<Seen['flows'][number]> => {
  const address = addresses[flow.to] ?? flow.to
  const place = flow.from === 'internet' ? internet : host
  const prefix = flow.from in pids ? ['nsenter', '-t', String(pids[flow.from]), '-n'] : []
  const probe = JSON.stringify([{ protocol: 'tcp', address, port: flow.port }])
  const before = new Set((await trackedFlows(host)).map(keyOf))
  const { stdout } = await place.run([...prefix, process.execPath, join(PACKETS, 'client.mjs'), probe])
  const [answer = null] = JSON.parse(stdout) as (string | null)[]
  const now = answer === null ? [] : await trackedFlows(host)
  return {
    ...flow,
    address,
    answer,
    tracked: now.find((line) => !before.has(keyOf(line)) && tracks(line, address, flow.port)),
  }
}

const trackedFlows = async (host: Place): Promise<string[]> =>
  (await host.sh('cat /proc/net/nf_conntrack')).split('\n').filter(Boolean)

/** Source and source port tell one flow from another. */
const keyOf = (line: string): string => line.match(/src=\S+ dst=\S+ sport=\d+ dport=\d+/)?.[0] ?? line

/** A line of /proc/net/nf_conntrack has what was asked first and the answer second, each `src= dst= sport= dport=`. */
const tracks = (line: string, address: string, port: number): boolean =>
  line.includes(` tcp `) &&
  fullAddress(line.match(/ dst=(\S+)/)?.[1]) === fullAddress(address) &&
  line.match(/ dport=(\d+)/)?.[1] === String(port)

const fullAddress = (text = ''): string => (text.includes(':') ? new URL(`http://[${text}]`).hostname : text)

/** The blocks of the script that make the network: a comment that says why, and the commands. */
const parseSteps = (script: string): Seen['steps'] =>
  (script.split(/^sandbox=/m)[0] ?? '').split('\n\n').flatMap((block) => {
    const lines = block.split('\n')
    const why = lines[0]?.match(/^# ([^=].*)/)?.[1]
    const commands = lines.filter((line) => !line.startsWith('# '))
    return why !== undefined && isOfNetwork(commands.join('\n')) ? [{ why, commands }] : []
  })

const isOfNetwork = (commands: string): boolean =>
  /\bip (link|addr|route)\b|iptables|\bnft\b|conntrack|\/proc\/sys\/net\/|\/run\/rt\/(net|hosts)\//.test(commands)
