import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createWorld, type Place, patience } from '@rt/test-world'
import { afterAll, describe, expect, it } from 'vitest'
import { cannotRun, Rt, until } from './rt.ts'

/**
 * Who reaches whom, by real packets: every way a packet can go between an internet, the host, and containers of three networks, under every
 * kind of firewall. What is seen must be what is expected, and what docs/network/matrix.md says: RT_WRITE_DOCS=1 writes it.
 */

interface Setting {
  readonly rules: 'iptables (nft)' | 'iptables (legacy)' | 'nftables'
  /** The policy of FORWARD, which is DROP beside Docker. */
  readonly policy: 'ACCEPT' | 'DROP'
  /** net.bridge.bridge-nf-call-iptables and -ip6tables: whether what a bridge carries goes through the rules of the routed. */
  readonly bridged: 0 | 1
}

const SETTINGS: readonly Setting[] = (['iptables (nft)', 'iptables (legacy)', 'nftables'] as const).flatMap((rules) =>
  (['ACCEPT', 'DROP'] as const).flatMap((policy) => ([0, 1] as const).map((bridged) => ({ rules, policy, bridged }))),
)

type Family = 4 | 6
type Vantage = 'internet' | 'host' | 'web' | 'mate' | 'other' | 'closed'

interface Way {
  readonly from: Vantage
  readonly to: string
  /** By family; undefined: the way is not tried there. */
  readonly address: (family: Family, at: Addresses) => string | undefined
  readonly port: number
  /** What answers, and whom it sees; null: nothing does. */
  readonly answer: ((family: Family, at: Addresses, setting: Setting) => string | null) | null
}

/** Addresses without prefix length, [IPv4, IPv6]. */
type Addresses = Readonly<Record<'web' | 'mate' | 'other' | 'closed' | 'shut', readonly [string, string]>>

const HOST = ['198.51.100.2', '2001:db8:1::2'] as const
const NEIGHBOUR = ['198.51.100.1', '2001:db8:1::1'] as const
const SERVER = ['203.0.113.1', '2001:db8:2::1'] as const
const GATEWAY = ['10.51.0.1', 'fd00:51::1'] as const
const of = (pair: readonly [string, string], family: Family): string => pair[family === 4 ? 0 : 1]
const at =
  (pair: readonly [string, string]) =>
  (family: Family): string =>
    of(pair, family)

/** Container ports 80 (published as 8080, TCP and UDP) and 81 (not published); the internet's server has 9000. */
const WAYS: readonly Way[] = [
  {
    from: 'web',
    to: 'a server in the internet',
    address: at(SERVER),
    port: 9000,
    answer: (family) => `internet ${of(HOST, family)}`,
  },
  {
    from: 'web',
    to: 'its gateway, a port of the host',
    address: at(GATEWAY),
    port: 9001,
    answer: (f, a) => `host ${of(a.web, f)}`,
  },
  {
    from: 'web',
    to: 'its neighbour',
    address: (f, a) => of(a.mate, f),
    port: 81,
    answer: (f, a) => `mate ${of(a.web, f)}`,
  },
  {
    from: 'web',
    to: 'itself, by its published port',
    address: at(HOST),
    port: 8080,
    answer: (f) => `web ${of(GATEWAY, f)}`,
  },
  { from: 'web', to: 'a container of another network', address: (f, a) => of(a.other, f), port: 81, answer: null },
  { from: 'web', to: 'a container of an internal network', address: (f, a) => of(a.closed, f), port: 81, answer: null },
  {
    from: 'mate',
    to: 'a published port of its neighbour, by the host',
    address: at(HOST),
    port: 8080,
    answer: (f) => `web ${of(GATEWAY, f)}`,
  },
  {
    from: 'mate',
    to: 'a published port of its neighbour, by the gateway',
    address: at(GATEWAY),
    port: 8080,
    answer: (f) => `web ${of(GATEWAY, f)}`,
  },
  { from: 'other', to: 'a published port of another network', address: at(HOST), port: 8080, answer: () => 'web' },
  { from: 'other', to: 'a container of another network', address: (f, a) => of(a.web, f), port: 80, answer: null },
  {
    from: 'closed',
    to: 'its neighbour in the internal network',
    address: (f, a) => of(a.shut, f),
    port: 81,
    answer: (f, a) => `shut ${of(a.closed, f)}`,
  },
  { from: 'closed', to: 'a server in the internet', address: at(SERVER), port: 9000, answer: null },
  { from: 'closed', to: 'a container of another network', address: (f, a) => of(a.web, f), port: 80, answer: null },
  {
    from: 'host',
    to: 'a published port, by localhost',
    address: (f) => (f === 4 ? '127.0.0.1' : undefined),
    port: 8080,
    answer: (f) => `web ${of(GATEWAY, f)}`,
  },
  {
    from: 'host',
    to: 'a published port, by `[::1]`',
    address: (f) => (f === 6 ? '::1' : undefined),
    port: 8080,
    // Where bridges show their packets to ip6tables the kernel drops the answer: refused at once.
    answer: (f, _, { bridged }) => (bridged ? null : `web ${of(GATEWAY, f)}`),
  },
  { from: 'host', to: 'a published port, by its own address', address: at(HOST), port: 8080, answer: () => 'web' },
  {
    from: 'host',
    to: 'a container, by its address',
    address: (f, a) => of(a.web, f),
    port: 81,
    answer: (f) => `web ${of(GATEWAY, f)}`,
  },
  { from: 'internet', to: 'a published port', address: at(HOST), port: 8080, answer: (f) => `web ${of(NEIGHBOUR, f)}` },
  {
    from: 'internet',
    to: 'the published port’s container, by its address',
    address: (f, a) => of(a.web, f),
    port: 80,
    answer: null,
  },
  {
    from: 'internet',
    to: 'an unpublished port, by the container’s address',
    address: (f, a) => of(a.web, f),
    port: 81,
    answer: null,
  },
]

const PACKETS = join(import.meta.dirname, 'packets')
const PAGE = join(import.meta.dirname, '../../../docs/network/matrix.md')

const columns = new Map<string, Map<string, string>>()
const nameOf = ({ rules, policy, bridged }: Setting): string => `${rules}, FORWARD ${policy}, br_netfilter ${bridged}`

describe.skipIf(cannotRun)('who reaches whom', () => {
  it.each(SETTINGS.map((setting) => [nameOf(setting), setting] as const))('%s', async (name, setting) => {
    await using world = await createWorld({ ipv6: true, mtu: 1400 })
    const rt = new Rt(world)
    await rt.run(['run', '--rm', '--network=none', 'busybox', 'true'])
    await prepare(world.host, setting)
    const foreign = await foreignRules(world.host)

    for (const [network, third, flags] of [
      ['red', 51, []],
      ['blue', 52, []],
      ['inner', 53, ['--internal']],
    ] as const)
      await rt.out([
        'network',
        'create',
        '--ipv6',
        `--subnet=10.${third}.0.0/24`,
        `--subnet=fd00:${third}::/64`,
        ...flags,
        network,
      ])
    const run = (of: string, network: string, ...flags: string[]) =>
      rt.out(['run', '-d', '--rm', `--name=${of}`, `--network=${network}`, ...flags, 'busybox', 'sleep', '1000'])
    await run('web', 'red', '-p8080:80', '-p8080:80/udp')
    await run('mate', 'red')
    await run('other', 'blue')
    await run('closed', 'inner')
    await run('shut', 'inner')
    // A neighbour that knows where the containers' addresses are.
    await world.internet.sh(
      '[ $$ != 1 ] && for s in 51 52 53; do ip route add 10.$s.0.0/24 via 198.51.100.2; ip route add fd00:$s::/64 via 2001:db8:1::2; done',
    )

    const pids: Record<string, number> = {}
    const addresses: Record<string, [string, string]> = {}
    for (const { Name, State, NetworkSettings } of JSON.parse(
      await rt.out(['inspect', 'web', 'mate', 'other', 'closed', 'shut']),
    )) {
      const [network] = Object.values(NetworkSettings.Networks) as [{ IPAddress: string; GlobalIPv6Address: string }]
      const container = String(Name).replace('/', '')
      pids[container] = State.Pid
      addresses[container] = [network.IPAddress, network.GlobalIPv6Address]
    }
    const inside = (container: string) => ['nsenter', '-t', String(pids[container]), '-n']
    const servers = [
      ...['web', 'mate', 'other', 'closed', 'shut'].map((container) =>
        serve(world.host, container, inside(container), 80, 81),
      ),
      serve(world.host, 'host', [], 9001),
      serve(world.internet, 'internet', ['env', `UDP4=${SERVER[0]}`, `UDP6=${SERVER[1]}`], 9000),
    ]
    for (const server of servers) await server.waitFor(/^listening\n/)

    const seen = new Map<string, string>()
    const problems: string[] = []
    // All at once: each waits for the packets that are dropped on its way.
    const asking = (['web', 'mate', 'other', 'closed', 'host', 'internet'] as const).map(async (from) => {
      const tries = WAYS.filter((way) => way.from === from).flatMap((way) =>
        ([4, 6] as const).flatMap((family) =>
          (['tcp', 'udp'] as const).flatMap((protocol) => {
            const address = way.address(family, addresses as Addresses)
            return address === undefined ? [] : [{ way, family, protocol, address, port: way.port }]
          }),
        ),
      )
      const place = from === 'internet' ? world.internet : world.host
      const prefix = from === 'internet' || from === 'host' ? [] : inside(from)
      const probes = tries.map(({ protocol, address, port }) => ({ protocol, address, port }))
      const client = [...prefix, process.execPath, join(PACKETS, 'client.mjs'), JSON.stringify(probes)]
      const { stdout } = await place.run(client, { env: { TIMEOUT: String(patience(1000)) } })
      return { from, tries, answers: JSON.parse(stdout) as (string | null)[] }
    })
    for (const { from, tries, answers } of await Promise.all(asking)) {
      for (const [index, { way, family, protocol }] of tries.entries()) {
        const answer = answers[index] ?? null
        const expected = way.answer?.(family, addresses as Addresses, setting) ?? null
        const fits =
          expected === null
            ? answer === null
            : answer !== null && (answer === expected || answer.startsWith(`${expected} `))
        if (!fits) problems.push(`${from} -> ${way.to}, IPv${family} ${protocol}: expected ${expected}, got ${answer}`)
        const row = `${from} | ${way.to}`
        const mark = `${protocol.toUpperCase()}${family}${answer === null ? ' ✗' : ' ✓'}`
        seen.set(row, [seen.get(row), mark].filter(Boolean).join(' '))
      }
    }
    columns.set(name, seen)
    expect(problems).toEqual([])

    for (const server of servers) await server.kill()
    for (const server of servers) await server.exit
    await rt.out(['rm', '-f', '-t0', 'web', 'mate', 'other', 'closed', 'shut'].filter((word) => word !== '-t0'))
    await rt.out(['network', 'rm', 'red', 'blue', 'inner'])
    await rt.out(['system', 'reset'])
    await until('nothing of rt is left in the rules', async () => !(await allRules(world.host)).includes('RT-'))
    expect(await foreignRules(world.host)).toEqual(foreign)
    expect(await world.host.sh('nft list tables 2>/dev/null | grep -w rt || :')).toBe('')
  })

  afterAll(() => {
    if (columns.size !== SETTINGS.length) return
    const page = drawPage()
    if (process.env.RT_WRITE_DOCS) writeFileSync(PAGE, page)
    else expect(readFileSync(PAGE, 'utf8')).toBe(page)
  })
})

const serve = (place: Place, name: string, prefix: readonly string[], ...ports: number[]) =>
  place.spawn(['env', `NAME=${name}`, ...prefix, process.execPath, join(PACKETS, 'server.mjs'), ...ports.map(String)])

async function prepare(host: Place, { rules, policy, bridged }: Setting): Promise<void> {
  if (rules === 'iptables (legacy)')
    await host.sh(
      'for name in iptables ip6tables; do for end in "" -save -restore; do ln -sf /usr/sbin/$name-legacy$end /etc/alternatives/$name$end; done; done',
    )
  if (rules === 'nftables')
    await host.sh(
      'mkdir -p /etc/rt; printf "network:\\n  bridge:\\n    firewall: nftables\\n" >/etc/rt/rt.yaml; cat /etc/rt/rt.yaml',
    )
  // Somebody else's rules, of each kind.
  await host.sh(`for x in iptables ip6tables; do
    $x -P FORWARD ${policy}; $x -N OTHERS; $x -A OTHERS -p tcp --dport 25 -j REJECT; $x -A FORWARD -j OTHERS; $x -t nat -A PREROUTING -p tcp --dport 2525 -j REDIRECT --to-ports 25
  done`)
  await host.sh(`for x in iptables ip6tables; do echo ${bridged} >/proc/sys/net/bridge/bridge-nf-call-$x; done`)
}

const allRules = (host: Place): Promise<string> => host.sh('iptables-save; ip6tables-save')

/** Rules, chains and policies of others. A table that iptables made empty on the way is neither. */
const foreignRules = async (host: Place): Promise<string[]> =>
  (await allRules(host))
    .split('\n')
    .filter((line) => /^[-:]/.test(line) && !line.includes('RT-') && !/^:[A-Z]+ ACCEPT/.test(line))
    .map((line) => line.replace(/\[.*/, ''))

const drawPage = (): string => {
  const rows = [...new Set(WAYS.map(({ from, to }) => `${from} | ${to}`))]
  const cell = (row: string): string => {
    const seenWith = (bridged: 0 | 1): string => {
      const those = SETTINGS.filter((setting) => setting.bridged === bridged)
      return list(those.map((setting) => columns.get(nameOf(setting))?.get(row) ?? ''))
    }
    const [without, bridged] = [seenWith(0), seenWith(1)]
    return without === bridged ? without : `br_netfilter 0: ${without}, 1: ${bridged}`
  }
  return `# Who reaches whom

Seen with real packets by \`packages/cli/test/network-matrix.test.ts\`, which writes this page. The host has an uplink of MTU 1400 to a neighbour behind which a
server is. \`web\` and \`mate\` are in one network, \`other\` in another, \`closed\` in an internal one. \`web\` publishes its port 80 as 8080, TCP and UDP, on all
addresses. Everything below, but where it says br_netfilter, was the same in all ${columns.size} settings: rules made with ${list(SETTINGS.map(({ rules }) => rules))}; a FORWARD
policy of ACCEPT and of DROP; bridged packets shown to the rules (br_netfilter 1) and not (0). Rules of others were there and stayed as they were.

\`\`\`mermaid
flowchart LR
  server((server)) --- internet((internet)) --- host["host<br>eth0, MTU 1400"]
  host ---|NAT| red[red] --- web("web<br>-p 8080:80, TCP and UDP")
  red --- mate(mate)
  host ---|NAT| blue[blue] --- other(other)
  host -. no way out .- inner[inner, internal] --- closed(closed)
  inner --- shut(shut)
\`\`\`

| from | to | seen |
| --- | --- | --- |
${rows.map((row) => `| ${row} | ${cell(row)} |`).join('\n')}
`
}

const list = (words: readonly string[]): string => [...new Set(words)].join(', ')
