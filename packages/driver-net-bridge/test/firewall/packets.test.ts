import { patience, whyNoWorld } from '@rt/test-world'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BACKENDS } from './backends.ts'
import { addressOf, BRIDGES, gatewayOf, Lab, type PeerName, published } from './lab.ts'

type Family = 4 | 6

/** Who asks, where, and who answers to which address; `nothing` where a packet is dropped, a refusal where nobody is asked. */
interface Way {
  readonly from: PeerName
  readonly to: (family: Family) => string
  readonly port?: number
  readonly answer: (family: Family) => string
}

const host = (family: Family): string => addressOf('host', family)
/** Where no answer is expected. */
const SOON = { patience: patience(500) }
const nothing = (): string => 'nothing'
const seen = (server: PeerName, as: (family: Family) => string) => (family: Family) => `${server} sees ${as(family)}`
const self = (name: PeerName) => (family: Family) => addressOf(name, family)
const gateway = (name: keyof typeof BRIDGES) => (family: Family) => gatewayOf(name, family)

const WAYS: Readonly<Record<string, Way>> = {
  'a published port, from outside': { from: 'neighbour', to: host, port: 8080, answer: seen('web', self('neighbour')) },
  'from the host, at its own address': { from: 'host', to: host, port: 8080, answer: seen('web', host) },
  'from the host, at the bridge': { from: 'host', to: gateway('br0'), port: 8080, answer: seen('web', gateway('br0')) },
  'from the container itself': { from: 'web', to: host, port: 8080, answer: seen('web', gateway('br0')) },
  'from the container itself, at the bridge': {
    from: 'web',
    to: gateway('br0'),
    port: 8080,
    answer: seen('web', gateway('br0')),
  },
  'from another container of the network': { from: 'near', to: host, port: 8080, answer: seen('web', gateway('br0')) },
  'from another network': { from: 'far', to: host, port: 8080, answer: seen('web', gateway('br0')) },
  'from another network, at a bridge': {
    from: 'far',
    to: gateway('other'),
    port: 8080,
    answer: seen('web', gateway('br0')),
  },
  'from a routed network': { from: 'routed', to: host, port: 8080, answer: seen('web', self('routed')) },
  'not from an internal network': { from: 'inner', to: gateway('internal'), port: 8080, answer: nothing },
  'published at one address': { from: 'neighbour', to: host, port: 8082, answer: seen('web', self('neighbour')) },
  'published on a routed network': {
    from: 'neighbour',
    to: host,
    port: 8084,
    answer: seen('routed', self('neighbour')),
  },
  'not published, to a neighbour that knows the way': { from: 'neighbour', to: self('web'), answer: nothing },
  'not even where another of its ports is': { from: 'neighbour', to: self('web'), port: 9000, answer: nothing },
  'the way out, under the host\u2019s address': { from: 'web', to: self('neighbour'), answer: seen('neighbour', host) },
  'the way out of a routed network': {
    from: 'routed',
    to: self('neighbour'),
    answer: seen('neighbour', self('routed')),
  },
  'into a routed network': { from: 'neighbour', to: self('routed'), answer: seen('routed', self('neighbour')) },
  'between neighbours': { from: 'near', to: self('web'), answer: seen('web', self('near')) },
  'from the host to a container': { from: 'host', to: self('web'), answer: seen('web', gateway('br0')) },
  'from a container to the host': { from: 'web', to: gateway('br0'), answer: seen('host', self('web')) },
  'not between networks': { from: 'far', to: self('web'), answer: nothing },
  'nor into a routed one': { from: 'web', to: self('routed'), answer: nothing },
  'nor out of a routed one': { from: 'routed', to: self('web'), answer: nothing },
  'within an internal network': { from: 'inner', to: self('inner2'), answer: seen('inner2', self('inner')) },
  'not out of an internal network': { from: 'inner', to: self('neighbour'), answer: nothing },
  'nor into another': { from: 'inner', to: self('web'), answer: nothing },
  'nor into it': { from: 'neighbour', to: self('inner'), answer: nothing },
  'nor from another network': { from: 'web', to: self('inner'), answer: nothing },
}

const LABS = BACKENDS.flatMap((each) => (['ACCEPT', 'DROP'] as const).map((policy) => ({ ...each, policy })))

describe.skipIf(whyNoWorld()).each(LABS)('packets by $name, where FORWARD says $policy', (options) => {
  let lab: Lab
  beforeAll(async () => {
    lab = await Lab.create(options)
    for (const bridge of Object.values(BRIDGES)) await lab.call('ensure', bridge)
    for (const protocol of ['tcp', 'udp'] as const) {
      await lab.call('publish', BRIDGES.br0, [
        ...published('web', 8080, { protocol }),
        ...published('web', 8081, { protocol, at: ['127.0.0.1'] }),
        ...published('web', 8082, { protocol, at: [addressOf('host', 4), addressOf('host', 6)] }),
      ])
      await lab.call('publish', BRIDGES.routed, published('routed', 8084, { protocol }))
    }
  })
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]()
  })

  const kinds = (['tcp', 'udp'] as const).flatMap((protocol) =>
    ([4, 6] as const).map((family) => ({ protocol, family })),
  )
  describe.each(['0', '1'])('br_netfilter %s', (bridged) => {
    beforeAll(async () => {
      await lab.sh(`for file in iptables ip6tables; do
        [ ! -e /proc/sys/net/bridge ] || echo ${bridged} >/proc/sys/net/bridge/bridge-nf-call-$file; done`)
    })

    // At once: each waits for the packets that are dropped.
    it.concurrent.each(kinds)('$protocol over IPv$family', async ({ protocol, family }) => {
      const found = await Promise.all(
        Object.entries(WAYS).map(async ([name, { from, to, port = 80, answer }]) => [
          name,
          await lab.ask(from, to(family), port, { protocol, ...(answer === nothing ? SOON : {}) }),
        ]),
      )
      const expected = Object.entries(WAYS).map(([name, { answer }]) => [name, answer(family)])
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
    })
  })

  it.each(['tcp', 'udp'] as const)('%s at the host\u2019s 127.0.0.1, and from nowhere else', async (protocol) => {
    const web = `web sees ${gatewayOf('br0', 4)}`
    expect(await lab.ask('host', '127.0.0.1', 8080, { protocol })).toBe(web)
    expect(await lab.ask('host', '127.0.0.1', 8081, { protocol })).toBe(web)
    // Its port 8080 is everybody's; what is published on 127.0.0.1 is the host's, whatever the way that somebody knows there.
    const astray = `ip route del local 127.0.0.0/8 dev lo table local 2>/dev/null || true
      ip route del local 127.0.0.1 dev lo table local 2>/dev/null || true`
    await lab.world.internet.sh(
      `${astray}; ip route replace 127.0.0.1 via 198.51.100.2; echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet`,
    )
    expect(await lab.ask('neighbour', '127.0.0.1', 8081, { protocol, ...SOON })).toBe('nothing')
    await lab.sh(
      `ip netns exec near sh -c '${astray}; ip route replace 127.0.0.1 via 172.16.0.1; echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet'`,
    )
    expect(await lab.ask('near', '127.0.0.1', 8081, { protocol, ...SOON })).toBe('nothing')
  })

  describe.each(['0', '1'])('[::1], br_netfilter %s', (bridged) => {
    const everything = [
      {
        bridge: BRIDGES.br0,
        ports: (['tcp', 'udp'] as const).flatMap((protocol) => [
          ...published('web', 8080, { protocol }),
          ...published('web', 8085, { protocol, at: ['::1'] }),
        ]),
      },
      { bridge: BRIDGES.other, ports: published('far', 8086) },
    ]
    beforeAll(async () => {
      await lab.sh(`[ ! -e /proc/sys/net/bridge ] || echo ${bridged} >/proc/sys/net/bridge/bridge-nf-call-ip6tables`)
      // Whatever br_netfilter was when the rules were made.
      await lab.call('reload', everything)
    })

    it.each(['tcp', 'udp'] as const)('%s: leads to published ports where answers can come back', async (protocol) => {
      // Who sends datagrams to anybody does not hear of a refusal.
      const refused = protocol === 'tcp' ? 'ECONNREFUSED' : 'nothing'
      const ask = (port: number) => lab.ask('host', '::1', port, { protocol, ...(bridged === '1' ? SOON : {}) })
      const web = bridged === '1' ? refused : `web sees ${gatewayOf('br0', 6)}`
      expect(await Promise.all([ask(8080), ask(8085)])).toEqual([web, web])
      if (protocol === 'tcp')
        expect(await ask(8086)).toBe(bridged === '1' ? refused : `far sees ${gatewayOf('other', 6)}`)
      // A service of its own, which nobody publishes.
      expect(await ask(80)).toBe('host sees ::1')
    })

    it.each([
      ['near', 'br0'],
      ['neighbour', 'eth0'],
    ] as const)(
      'what listens on the host\u2019s ::1, or is published there, is not reached from %s',
      async (from, link) => {
        const inside = from === 'near'
        const way = `ip -6 route del local ::1 dev lo table local 2>/dev/null || true
        ip -6 route replace ::1/128 via ${inside ? gatewayOf('br0', 6) : addressOf('host', 6)} dev ${inside ? 'eth0' : 'inet0'}`
        await (inside ? lab.sh(`ip netns exec near sh -c '${way}'`) : lab.world.internet.sh(way))
        // What the kernel itself refuses, before any rule.
        const refused = async () =>
          Number(await lab.sh(`awk '/Ip6InHdrErrors/ { print $2 }' /proc/net/dev_snmp6/${link}`))
        const [heard, before] = [lab.heard('host'), await refused()]
        const kinds = (['tcp', 'udp'] as const).flatMap((protocol) => [8080, 8085].map((port) => ({ protocol, port })))
        for (const { protocol, port } of kinds)
          expect(await lab.ask(from, '::1', port, { protocol, ...SOON })).toBe('nothing')
        await lab.ask(from, '::1', 9000, { protocol: 'udp', ...SOON })
        expect((await refused()) - before).toBeGreaterThanOrEqual(kinds.length + 1)
        expect(lab.heard('host')).toBe(heard)
        await lab.ask('host', '::1', 9000, { protocol: 'udp', ...SOON })
        expect(lab.heard('host')).toBe(heard + 1)
      },
    )
  })

  it('CVE-2020-8558: what listens on the host\u2019s 127.0.0.1 is not reached from a container', async () => {
    // `near` knows the way, from the test before.
    const hears = async (from: PeerName): Promise<boolean> => {
      const before = lab.heard('host')
      await lab.ask(from, '127.0.0.1', 9000, { protocol: 'udp', ...SOON })
      return lab.heard('host') > before
    }
    expect(await hears('host')).toBe(true)
    expect(await hears('near')).toBe(false)
    // It is the rule that does it.
    await lab.sh(
      options.backend === 'nftables' ? 'nft flush chain inet rt-bridge raw' : 'iptables -t raw -F RT-LOCAL-br0',
    )
    expect(await hears('near')).toBe(true)
    await lab.call('reload', [{ bridge: BRIDGES.br0, ports: published('web', 8080) }])
    expect(await hears('near')).toBe(false)
  })
})
