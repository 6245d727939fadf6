import { patience, whyNoWorld } from '@rt/test-world'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BACKENDS } from './backends.ts'
import { addressOf, BRIDGES, containerId, gatewayOf, Lab, published } from './lab.ts'

const HOST = addressOf('host', 4)
const SOON = { patience: patience(500) }

describe.skipIf(whyNoWorld()).each(BACKENDS)('the life of rules by $name', (options) => {
  const nft = options.backend === 'nftables'
  let lab: Lab
  beforeAll(async () => {
    lab = await Lab.create(options)
  })
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]()
  })

  /** Programs that a call starts. */
  const programsOf = async (method: string, ...args: readonly unknown[]): Promise<number> => {
    const before = Number(await lab.call('programs'))
    await lab.call(method, ...args)
    return Number(await lab.call('programs')) - before
  }
  /** All rules and chains, without counters; iptables' own empty chains come into being when they are looked at. */
  const rules = async (): Promise<readonly string[]> => {
    const all = await lab.sh('iptables-save; ip6tables-save; nft -s list ruleset inet')
    return all
      .split('\n')
      .map((line) => line.replace(/^(:.*) \[.*/, '$1').trim())
      .filter((line) => line !== '' && !/^(#|\*|COMMIT|:[A-Z]+ ACCEPT$)/.test(line))
  }
  /** Of br0 and of all networks. */
  const ownRules = async (): Promise<readonly { readonly table: string; readonly rule: string }[]> => {
    let table = ''
    return (await lab.sh('iptables-save')).split('\n').flatMap((line) => {
      if (line.startsWith('*')) table = line.slice(1)
      const isOurs = line.startsWith('-A ') && /RT-/.test(line) && !/rt-other|rt-inner|-A RT-PORTS/.test(line)
      return isOurs ? [{ table, rule: line.slice(3) }] : []
    })
  }
  const answer = (port: number, more = {}): Promise<string> => lab.ask('neighbour', HOST, port, more)
  const reached = `web sees ${addressOf('neighbour', 4)}`
  const everything = [
    { bridge: BRIDGES.br0, ports: published('web', 8080) },
    { bridge: BRIDGES.other, ports: [] },
    { bridge: BRIDGES.internal, ports: [] },
  ]
  let foreign: readonly string[] = []

  it('begins beside rules of others', async () => {
    await lab.sh(`iptables -N DOCKER-USER; iptables -A DOCKER-USER -j RETURN; iptables -I FORWARD -j DOCKER-USER
      iptables -t nat -A POSTROUTING -s 10.1.0.0/16 -j MASQUERADE; iptables -t nat -L >/dev/null; iptables -t raw -L >/dev/null
      ip6tables -A FORWARD -s fd99::/64 -j DROP; ip6tables -t nat -L >/dev/null
      nft 'table inet firewalld { chain x { type filter hook input priority 10; policy accept; tcp dport 22 accept; }; }'`)
    foreign = await rules()
    for (const { bridge } of everything) await lab.call('ensure', bridge)
    expect(foreign.filter((line) => line.includes('10.1.0.0/16')).length).toBeGreaterThan(0)
    expect((await rules()).length).toBeGreaterThan(foreign.length)
  })

  it('costs no program where the rules are known to be in place, after rt\u2019s own changes too', async () => {
    await lab.call('ensure', BRIDGES.br0)
    const known = options.legacy && !nft ? 2 : 0
    expect(await programsOf('ensure', BRIDGES.br0)).toBe(known)
    await lab.call('publish', BRIDGES.br0, [...published('web', 8080), ...published('web', 8080, { protocol: 'udp' })])
    expect(await programsOf('ensure', BRIDGES.br0)).toBe(known)
    await lab.call('publish', BRIDGES.br0, published('near', 8083))
    await lab.call('leave', containerId('near'))
    expect(await programsOf('ensure', BRIDGES.br0)).toBe(known)
    // Another network knows as well: its rules were not touched.
    await lab.call('ensure', BRIDGES.other)
    expect(await programsOf('ensure', BRIDGES.other)).toBe(known)
    // Somebody else's change: the kernel is asked for our rules, or they are written anew; once.
    const change = "nft 'add table inet somebody'; nft 'delete table inet somebody'"
    await lab.sh(change)
    expect(await programsOf('ensure', BRIDGES.br0)).toBeGreaterThan(0)
    expect(await programsOf('ensure', BRIDGES.br0)).toBe(known)
    // Now that the rules were seen with a published port.
    await lab.sh(change)
    const before = await programsOf('ensure', BRIDGES.br0)
    if (nft) expect(before).toBeGreaterThan(0)
    else expect(before).toBe(known)
    expect(await programsOf('ensure', BRIDGES.br0)).toBe(known)
    // When it was one of ours there is something to do; each of them counts.
    if (!nft) {
      for (const [table, line] of (await ownRules()).entries()) {
        await lab.sh(`iptables -t ${line.table} -D ${line.rule}`)
        expect([table, line, await programsOf('ensure', BRIDGES.br0)]).not.toEqual([table, line, 0])
        await lab.call('ensure', BRIDGES.br0)
        expect(await programsOf('ensure', BRIDGES.br0)).toBe(known)
      }
    }
    expect(await answer(8080)).toBe(reached)
  })

  it('opens [::1] and closes it again as br_netfilter is switched, at the next start that publishes there and at a reload', async () => {
    const bridged = (value: 0 | 1, own = 0) =>
      lab.sh(`echo ${value} >/proc/sys/net/bridge/bridge-nf-call-ip6tables
        ip link set br0 type bridge nf_call_ip6tables ${own}`)
    const ask = () => lab.ask('host', '::1', 8080, SOON)
    const web = `web sees ${gatewayOf('br0', 6)}`
    const ports = published('web', 8080).map(({ port }) => port)
    const start = async () => {
      const programs = await programsOf('ensure', BRIDGES.br0, ports)
      await lab.call('publish', BRIDGES.br0, published('near', 8083))
      await lab.call('leave', containerId('near'))
      return programs
    }
    const known = options.legacy && !nft ? 2 : 0
    await bridged(0)
    await start()
    expect(await ask()).toBe(web)
    expect(await start()).toBe(known)
    await lab.call('ensure', BRIDGES.other)
    await lab.call('ensure', BRIDGES.other)
    await bridged(1)
    // Who publishes nothing there need not look, but where every start does.
    if (known === 0) expect(await programsOf('ensure', BRIDGES.other)).toBe(0)
    expect(await start()).toBeGreaterThan(known)
    expect(await ask()).toBe('ECONNREFUSED')
    expect(await start()).toBe(known)
    await bridged(0)
    expect(await start()).toBeGreaterThan(known)
    expect(await ask()).toBe(web)
    // A bridge may have it to itself.
    await bridged(0, 1)
    await lab.call('reload', everything)
    expect(await ask()).toBe('ECONNREFUSED')
    await bridged(0)
    await lab.sh('ip -6 route del local ::1/128 dev br0 table local metric 2048')
    await lab.call('reload', everything)
    expect(await ask()).toBe(web)
    expect(await lab.call('reload', everything)).toBe(nft ? 1 : 0)
  })

  it('looks again where what it is asked for is not what is there', async () => {
    await lab.call('ensure', BRIDGES.other)
    // Now it is known, and must not be so any more when it is asked for again.
    await lab.call('ensure', BRIDGES.other)
    await lab.call('ensure', { ...BRIDGES.other, masquerade: false })
    expect(await lab.ask('neighbour', addressOf('far', 4), 80)).toBe(`far sees ${addressOf('neighbour', 4)}`)
    expect(await lab.ask('far', addressOf('neighbour', 4), 80)).toBe(`neighbour sees ${addressOf('far', 4)}`)
    await lab.call('ensure', { ...BRIDGES.other, internal: true })
    expect(await lab.ask('far', addressOf('neighbour', 4), 80, SOON)).toBe('nothing')
    await lab.call('ensure', BRIDGES.other)
    expect(await lab.ask('neighbour', addressOf('far', 4), 80, SOON)).toBe('nothing')
    expect(await lab.ask('far', addressOf('neighbour', 4), 80)).toBe(`neighbour sees ${HOST}`)
  })

  it('has no rule twice', async () => {
    const ours = (await lab.sh('iptables-save')).split('\n').filter((line) => /^-A .*RT-/.test(line))
    expect(new Set(ours).size).toBe(ours.length)
  })

  it('forgets who spoke to the port before', async () => {
    const udp = { protocol: 'udp', flow: 'early' } as const
    expect(await answer(8085, { ...udp, ...SOON })).toMatch(/ECONNREFUSED|nothing/)
    await lab.call('publish', BRIDGES.br0, published('near', 8085, { protocol: 'udp' }))
    expect(await answer(8085, udp)).toBe(`near sees ${addressOf('neighbour', 4)}`)
    // The same flow, to whoever has the port next.
    await lab.call('leave', containerId('near'))
    await lab.call('publish', BRIDGES.br0, published('web', 8085, { protocol: 'udp' }))
    expect(await answer(8085, udp)).toBe(reached)
    await lab.call('unpublish', 'br0', published('web', 8085, { protocol: 'udp' }))
    expect(await answer(8085, { protocol: 'udp', ...SOON })).toMatch(/ECONNREFUSED|nothing/)
  })

  it('takes away the ports of a container that ends, and only those; twice is no error', async () => {
    const ports = [...published('near', 8086), ...published('near', 8087)]
    await lab.call('publish', BRIDGES.br0, ports)
    const near = `near sees ${addressOf('neighbour', 4)}`
    expect(await Promise.all([answer(8080), answer(8086), answer(8087)])).toEqual([reached, near, near])
    await lab.call('leave', containerId('near'))
    await lab.call('leave', containerId('near'))
    const refused = await Promise.all([answer(8086, SOON), answer(8087, SOON)])
    expect(refused).toEqual(['ECONNREFUSED', 'ECONNREFUSED'])
    expect(await answer(8080)).toBe(reached)
  })

  it('leaves the ports alone that another container has by now', async () => {
    await lab.call('publish', BRIDGES.br0, published('near', 8088))
    const former = published('web', 8088)
    await lab.call('unpublish', 'br0', former)
    expect(await answer(8088)).toBe(`near sees ${addressOf('neighbour', 4)}`)
    await lab.call('leave', containerId('near'))
  })

  const addUserRule = nft
    ? `nft add rule inet rt-bridge RT-USER ip saddr ${addressOf('neighbour', 4)} drop`
    : `iptables -A RT-USER -s ${addressOf('neighbour', 4)} -j DROP`

  it('lets the user\u2019s rules in RT-USER decide, and keeps them', async () => {
    await lab.sh(addUserRule)
    expect(await answer(8080, SOON)).toBe('nothing')
    for (const { bridge } of everything) await lab.call('ensure', bridge)
    await lab.call('reload', everything)
    expect(await answer(8080, SOON)).toBe('nothing')
  })

  const inNft = nft || !options.legacy
  it.each([
    'iptables -F; iptables -t nat -F; ip6tables -F; ip6tables -t nat -F',
    'for table in filter nat raw; do iptables -t $table -F; iptables -t $table -X; ip6tables -t $table -F; ip6tables -t $table -X; done',
    ...(inNft ? ['nft flush ruleset'] : []),
    ...(nft ? ['nft delete table inet rt-bridge'] : []),
  ])('reload puts everything back after a flush: %s', async (flush) => {
    await lab.sh(flush)
    // What the user had in RT-USER is gone in some cases, and not in others.
    await lab.sh(
      nft ? 'nft flush chain inet rt-bridge RT-USER 2>/dev/null || true' : 'iptables -F RT-USER 2>/dev/null || true',
    )
    expect(await lab.call('reload', everything)).toBeGreaterThan(0)
    expect(await answer(8080)).toBe(reached)
    expect(await lab.ask('neighbour', addressOf('host', 6), 8080)).toBe(`web sees ${addressOf('neighbour', 6)}`)
    expect(await lab.ask('host', '127.0.0.1', 8080)).toBe(`web sees ${gatewayOf('br0', 4)}`)
    expect(await lab.ask('far', HOST, 8080)).toBe(`web sees ${gatewayOf('br0', 4)}`)
    expect(await lab.ask('web', addressOf('neighbour', 4), 80)).toBe(`neighbour sees ${HOST}`)
    const closed = await Promise.all([
      lab.ask('neighbour', addressOf('web', 4), 80, SOON),
      lab.ask('far', addressOf('web', 4), 80, SOON),
      lab.ask('far', addressOf('web', 6), 80, SOON),
      lab.ask('inner', addressOf('neighbour', 4), 80, SOON),
      lab.ask('inner', gatewayOf('internal', 4), 8080, SOON),
    ])
    expect(closed).toEqual(closed.map(() => 'nothing'))
    if (!nft) expect(await lab.call('reload', everything)).toBe(0)
  })

  it('a start closes the gaps of its bridge too', async () => {
    await lab.sh(nft ? 'nft flush table inet rt-bridge' : 'iptables -F; iptables -t nat -F')
    expect(await lab.call('ensure', BRIDGES.br0)).toBeGreaterThan(0)
    expect(await lab.ask('web', addressOf('neighbour', 4), 80)).toBe(`neighbour sees ${HOST}`)
    expect(await lab.ask('neighbour', addressOf('web', 4), 80, SOON)).toBe('nothing')
    await lab.call('reload', everything)
  })

  it('ends network by network, and leaves rules of others as they were, and those of the user', async () => {
    await lab.sh(
      'nft flush ruleset; iptables -F; iptables -X; iptables -t nat -F; iptables -t nat -X; iptables -t raw -F; iptables -t raw -X; ip6tables -F; ip6tables -X; ip6tables -t nat -F; ip6tables -t nat -X',
    )
    await lab.sh(`iptables -N FOREIGN; iptables -A FOREIGN -s 10.1.2.3 -j DROP; iptables -A FORWARD -j FOREIGN; iptables -P FORWARD DROP
      iptables -t nat -A POSTROUTING -s 10.1.0.0/16 -j MASQUERADE; iptables -t raw -A PREROUTING -s 10.1.2.3 -j ACCEPT
      ip6tables -A FORWARD -s fd99::/64 -j DROP; ip6tables -t nat -A POSTROUTING -s fd99::/64 -j MASQUERADE
      nft 'table inet firewalld { chain x { type filter hook input priority 10; policy accept; tcp dport 22 accept; }; }'`)
    const before = await rules()
    await lab.call('reload', everything)
    expect(await answer(8080)).toBe(reached)
    expect((await rules()).filter((line) => before.includes(line)).length).toBeGreaterThanOrEqual(before.length)

    await lab.call('ensure', BRIDGES.br0)
    await lab.call('remove', ['br0'])
    expect(await lab.ask('far', addressOf('neighbour', 4), 80)).toBe(`neighbour sees ${HOST}`)
    expect(await lab.ask('inner', addressOf('neighbour', 4), 80, SOON)).toBe('nothing')
    // Whatever was known of its rules is so no longer.
    expect(await lab.call('ensure', BRIDGES.br0)).toBeGreaterThan(0)
    expect(await lab.ask('web', addressOf('neighbour', 4), 80)).toBe(`neighbour sees ${HOST}`)

    await lab.sh(addUserRule)
    await lab.call(
      'remove',
      Object.values(BRIDGES).map(({ bridge }) => bridge),
    )
    const left = (await rules()).filter((line) => !before.includes(line))
    expect(left.join('\n')).toMatch(
      nft ? /^table inet rt-bridge \{\n.*RT-USER.*\n.*drop$/ : /^:RT-USER -\n-A RT-USER .*DROP$/,
    )
    // They count again with the next container.
    await lab.call('reload', everything)
    expect(await answer(8080, SOON)).toBe('nothing')

    await lab.sh(nft ? 'nft flush chain inet rt-bridge RT-USER' : 'iptables -F RT-USER')
    await lab.call(
      'remove',
      Object.values(BRIDGES).map(({ bridge }) => bridge),
    )
    expect(await rules()).toEqual(before)
    expect(await programsOf('remove', ['br0'])).toBeGreaterThan(0)
    expect(await rules()).toEqual(before)
  })

  it('tells of others that drop what is forwarded, where nothing can be done about it', async () => {
    expect(await lab.call('probe')).toMatchObject({ ok: true, detail: expect.stringMatching(/v1\./) })
    expect(await lab.call('probe')).not.toHaveProperty('advice')
    await lab.sh(`nft 'table inet closed { chain everything { type filter hook forward priority 5; policy drop; }; }'`)
    const advice = /dropped in the chain everything of nftables' table inet closed, which/
    expect(await lab.call('probe')).toMatchObject({ ok: true, advice: expect.stringMatching(advice) })
    await lab.sh('nft delete table inet closed')
    if (options.legacy) return
    await lab.sh('iptables-legacy -P FORWARD DROP')
    const legacy = /dropped in iptables-legacy's FORWARD, which/
    expect(await lab.call('probe')).toMatchObject({ ok: true, advice: expect.stringMatching(legacy) })
    await lab.sh('iptables-legacy -P FORWARD ACCEPT')
    expect(await lab.call('probe')).not.toHaveProperty('advice')
  })

  it('is explained by commands that do the same', async () => {
    const script = async (...args: readonly unknown[]): Promise<string> => {
      const lines = await lab.call('script', ...args)
      return await lab.sh(`bash --norc -euo pipefail -c "$SCRIPT"`, { env: { SCRIPT: String(lines) } })
    }
    await lab.call(
      'remove',
      Object.values(BRIDGES).map(({ bridge }) => bridge),
    )
    await lab.sh('echo 0 >/proc/sys/net/ipv4/conf/br0/route_localnet')
    await script('ensure', BRIDGES.br0)
    await script('ensure', BRIDGES.other)
    const ports = [...published('near', 8089), ...published('near', 8089, { protocol: 'udp' })]
    await script('publish', BRIDGES.br0, ports)
    const near = `near sees ${addressOf('neighbour', 4)}`
    expect(await answer(8089)).toBe(near)
    expect(await answer(8089, { protocol: 'udp' })).toBe(near)
    expect(await lab.ask('host', '127.0.0.1', 8089)).toBe(`near sees ${gatewayOf('br0', 4)}`)
    expect(await lab.ask('neighbour', addressOf('host', 6), 8089)).toBe(`near sees ${addressOf('neighbour', 6)}`)
    expect(await lab.ask('far', addressOf('web', 4), 80, SOON)).toBe('nothing')
    expect(await lab.ask('web', addressOf('neighbour', 4), 80)).toBe(`neighbour sees ${HOST}`)
    // To the letter.
    if (!nft) expect(await lab.call('ensure', BRIDGES.br0)).toBe(0)
    await lab.call('publish', BRIDGES.br0, published('near', 8090))
    await script('leave', containerId('near'))
    expect(await answer(8090, SOON)).toBe('ECONNREFUSED')
    await lab.call('unpublish', 'br0', ports)
    await lab.call('remove', ['br0', 'rt-other'])
  })

  it('bears a crowd of first starts: nothing is missing, nothing there twice', async () => {
    const networks = [BRIDGES.br0, BRIDGES.other, BRIDGES.internal, BRIDGES.routed]
    const ports = Array.from({ length: 8 }, (_, index) => 9100 + index)
    await lab.crowd(
      ports.map((port, index) => [
        ['ensure', networks[index % networks.length]],
        ['ensure', BRIDGES.br0],
        ['publish', BRIDGES.br0, published('web', port)],
      ]),
    )
    const count = (await rules()).length
    const ours = (await lab.sh('iptables-save; echo; ip6tables-save')).split('\n\n').map((text) => text.split('\n'))
    for (const family of ours) {
      const lines = family.filter((line) => /^-A .*RT-/.test(line))
      expect(new Set(lines).size).toBe(lines.length)
    }
    for (const bridge of networks) await lab.call('ensure', bridge)
    expect((await rules()).length).toBe(count)
    expect(await Promise.all(ports.map((port) => answer(port)))).toEqual(ports.map(() => reached))
    expect(await lab.ask('far', addressOf('web', 4), 80, SOON)).toBe('nothing')
    expect(await lab.ask('routed', addressOf('neighbour', 4), 80)).toBe(`neighbour sees ${addressOf('routed', 4)}`)
  })
})
