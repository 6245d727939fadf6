import { beforeAll, describe, expect, it } from 'vitest'
import type { Column, Comparison } from '../src/compare/comparison.ts'
import { cannotRun, until, useRt } from './rt.ts'

const COMMAND = ['sh', '-c', 'ip -o addr | cut -d " " -f 2 | sort -u; exit 3']

describe.skipIf(cannotRun)('rt compare', () => {
  const rt = useRt()
  let found: Comparison
  const column = (name: string): Column => {
    const one = found.columns.find((each) => each.name === name)
    if (!one) throw new Error(`no column ${name}: ${found.columns.map((each) => each.name)}`)
    return one
  }
  const look = (name: string) => {
    const seen = column(name).look
    if (!seen) throw new Error(`${name} was not looked at: ${column(name).failure?.message}`)
    return seen
  }

  beforeAll(async () => {
    const before = await rt().world.snapshot()
    const page = '/run/world/page.html'
    const words = ['--network=none,host,bridge', '--repeat=2', '--memory=64m', '--env=A=1', `--html=${page}`, '--json']
    found = JSON.parse(await rt().out(['compare', ...words, 'busybox', ...COMMAND]))
    // Nothing is left of any of its containers.
    await rt().world.expectNoLeaks(before)
  })

  it('runs the command under each, as often as asked, and says what it said', () => {
    expect(found.columns.map(({ name }) => name)).toEqual(['none', 'host', 'bridge'])
    for (const { results } of found.columns) {
      expect(results?.exitCodes).toEqual([3, 3])
      expect(results?.output.steady).toBe(true)
      expect(results?.disk.median).toBeGreaterThan(0)
      for (const figure of [results?.start, results?.finish]) {
        expect(figure?.least).toBeGreaterThan(0)
        expect(figure?.least).toBeLessThanOrEqual(figure?.median ?? 0)
        expect(figure?.median).toBeLessThanOrEqual(figure?.most ?? 0)
      }
      expect(results?.start?.least).toBeLessThan(results?.finish.least ?? 0)
    }
    expect(column('none').results?.output).toMatchObject({ stdout: 'lo\n', difference: [] })
    expect(column('bridge').results?.output.difference).toEqual(['+ eth0'])
    expect(column('host').results?.output.stdout).toContain('br0\n')
  })

  it('sees which namespaces are the host’s', () => {
    const shared = (name: string) =>
      look(name)
        .namespaces.filter((each) => each.shared)
        .map(({ type }) => type)
    expect(shared('none')).toEqual(shared('bridge'))
    expect(shared('bridge')).not.toContain('net')
    expect(shared('host')).toEqual([...shared('none'), 'net'].sort())
    for (const name of ['none', 'host', 'bridge']) {
      expect(shared(name)).not.toContain('pid')
      expect(look(name).processes).toEqual({ seen: 1, ofHost: false })
      const etc = look(name).mounts.find(({ target }) => target === '/etc/hosts')
      expect(etc?.of).toBe(name === 'bridge' ? 'host' : 'own')
      expect(look(name).mounts.find(({ target }) => target === '/')).toEqual({
        target: '/',
        type: 'overlay',
        of: 'own',
      })
      expect(look(name).memory.container).toBeGreaterThan(0)
      expect(look(name).memory.monitor).toBeGreaterThan(0)
    }
  })

  it('sees interfaces, addresses, routes, and where cables lead', () => {
    expect(look('none').interfaces).toEqual([
      { name: 'lo', up: true, addresses: expect.arrayContaining(['127.0.0.1/8']) },
    ])
    expect(look('none').routes).toEqual([])
    expect(look('host').interfaces).toEqual(found.host.interfaces)
    const eth0 = look('bridge').interfaces.find(({ name }) => name === 'eth0')
    expect(eth0).toMatchObject({
      kind: 'veth',
      pluggedInto: 'br0',
      addresses: [expect.stringMatching(/^172\.16\.\d+\.\d+\/16$/)],
    })
    expect(eth0?.hostEnd).toBeTruthy()
    expect(look('bridge').routes).toContainEqual({ to: 'default', via: '172.16.0.1', link: 'eth0' })
  })

  it('sends packets to see who is reached, and at which address', () => {
    const yes = (name: string, whom: 'gateway' | 'outside' | 'peer' | 'hostPorts') =>
      look(name).reach[whom].tried.flatMap(({ address, answer }) => (answer === 'yes' ? [address] : []))
    expect(found.host.reach.outside.reached).toBe(true)
    for (const whom of ['gateway', 'outside', 'peer', 'hostPorts'] as const)
      expect(look('none').reach[whom].reached).toBe(false)
    expect(yes('host', 'gateway')).toEqual(['198.51.100.1'])
    expect(yes('host', 'outside')).toEqual(['198.51.100.1'])
    expect(yes('host', 'peer')).toContain('127.0.0.1')
    expect(yes('host', 'hostPorts')).toEqual(expect.arrayContaining(['127.0.0.1', '198.51.100.2', '172.16.0.1']))
    expect(yes('bridge', 'gateway')).toEqual(['172.16.0.1'])
    expect(yes('bridge', 'outside')).toEqual(['198.51.100.1'])
    expect(yes('bridge', 'peer')).toEqual([
      look('bridge')
        .peer.interfaces.find(({ name }) => name === 'eth0')
        ?.addresses[0]?.split('/')[0],
    ])
    // What the host has at its loopback address is the one thing that bridge keeps to the host.
    expect(yes('bridge', 'hostPorts').sort()).toEqual(['172.16.0.1', '198.51.100.2'])
  })

  it('names the steps that only one of them does, without what every container has of its own', () => {
    const commands = (name: string) => column(name).steps?.flatMap((step) => step.commands) ?? []
    expect(commands('bridge').join('\n')).toContain(
      'ip link add name <cable> mtu 1500 type veth peer name eth0 address <mac>',
    )
    expect(commands('host').join('\n')).not.toContain('veth')
    for (const name of ['none', 'host', 'bridge']) {
      const text = JSON.stringify(column(name).steps)
      expect(text).not.toMatch(/rt-compare|\.rt-pause|containers\/[0-9a-f]{64}/)
      expect(text).toContain('<id>')
    }
    // Two containers of the same drivers do the same.
    const [first, ...others] = [column('none'), column('host'), column('bridge')].map(({ steps = [] }) => steps.length)
    for (const other of others) expect(Math.abs(other - (first ?? 0))).toBeLessThan(40)
  })

  it('a table for people: what differs, and the steps of each alone', async () => {
    const table = await rt().out([
      'compare',
      '--storage=overlay,copy',
      '--repeat=1',
      '--network=none',
      'busybox',
      'true',
    ])
    const line = (label: string) => table.split('\n').find((each) => each.trim().startsWith(label)) ?? ''
    expect(table).toMatch(/^THE COMMAND +overlay +copy\n/)
    expect(line('exit status')).toMatch(/exit status +0 +0$/)
    expect(line('output')).toMatch(/0 lines +the same$/)
    expect(line('outside')).toMatch(/no: no route there +no: no route there$/)
    expect(table).toMatch(/Only copy \(\d+\):\n[\s\S]*A faithful copy of the image/)
    // The copy is as large as the image; the overlay has only what was written.
    const sizes = line('disk used')
      .trim()
      .split(/ {2,}/)
      .slice(1)
      .map((text) => Number.parseFloat(text) * (text.includes('MB') ? 1000 : 1))
    expect(sizes[1]).toBeGreaterThan((sizes[0] ?? 0) * 5)
  })

  it('a driver that cannot work here is a column with its reason; where none can it fails', async () => {
    const before = await rt().world.snapshot()
    const words = ['compare', '--repeat=1', '--json', '--network=none,brigde']
    const { columns } = JSON.parse(await rt().out([...words, 'busybox', 'true'])) as Comparison
    expect(columns[0]?.results?.exitCodes).toEqual([0])
    expect(columns[1]).toMatchObject({
      name: 'brigde',
      failure: { code: expect.stringMatching(/^RT_/), message: expect.stringContaining('"brigde"') },
    })
    expect(columns[1]?.results).toBeUndefined()
    const none = await rt().run(['compare', '--network=brigde', 'busybox', 'true'])
    expect(none.code).toBe(1)
    expect(none.stdout).toContain('does not run here')
    expect(await rt().complaint(['compare', '--repeat=0', 'busybox', 'true'])).toMatchObject({ code: 'RT_USAGE' })
    expect(await rt().complaint(['compare', '--network=none,', 'busybox', 'true'])).toMatchObject({ code: 'RT_USAGE' })
    expect(await rt().complaint(['compare', '--html=/nowhere/page.html', 'busybox', 'true'])).toMatchObject({
      code: 'RT_PATH_UNFIT',
    })
    expect(await rt().complaint(['compare', '--outside=nowhere', 'busybox', 'true'])).toMatchObject({
      code: 'RT_USAGE',
    })
    await rt().world.expectNoLeaks(before)
  })

  it('--outside names somebody behind the gateway', async () => {
    await using server = await rt().world.internet.tcpServer(7)
    expect(server).toBeDefined()
    const words = ['compare', '--repeat=1', '--json', '--network=bridge,none', '--outside=203.0.113.1:7']
    const { columns, host } = JSON.parse(await rt().out([...words, 'busybox', 'true'])) as Comparison
    expect(host).toMatchObject({ outside: '203.0.113.1:7', reach: { outside: { reached: true } } })
    expect(columns.map(({ look }) => look?.reach.outside.reached)).toEqual([true, false])
  })

  it('^C ends it and takes away what it has made', async () => {
    const before = await rt().world.snapshot()
    const running = rt().spawn([
      'compare',
      '--network=bridge',
      '--repeat=5',
      'busybox',
      'sh',
      '-c',
      'trap "" TERM INT; echo there; sleep 1000',
    ])
    // The command itself, whose container does not end by itself.
    await until('the command runs', async () =>
      (await rt().host.sh('ps -e -o args=')).split('\n').includes('sleep 1000'),
    )
    await running.kill('SIGINT')
    expect(await running.exit).toEqual({ code: 130, signal: null })
    expect(running.stderr).toBe('')
    await rt().world.expectNoLeaks(before)
  })

  it('killed, it leaves its containers to the next rt', async () => {
    const before = await rt().world.snapshot()
    const running = rt().spawn(['compare', '--network=bridge', 'busybox', 'sleep', '1001'])
    await until('the command runs', async () =>
      (await rt().host.sh('ps -e -o args=')).split('\n').includes('sleep 1001'),
    )
    const names = 'ls /var/lib/rt/names'
    expect(await rt().host.sh(names)).toMatch(/^rt-compare-[0-9a-f]{16}-\d+\n$/)
    // It is another rt that has all it needs to know, and one that still compares is left alone.
    expect(await rt().out(['ps', '-aq'])).not.toBe('')
    await running.kill('SIGKILL')
    await running.exit
    expect(await rt().out(['ps', '-aq'])).toBe('')
    expect(await rt().host.sh(`${names} /var/lib/rt/owned`)).not.toContain('rt-compare-')
    await rt().world.expectNoLeaks(before)
  })

  it('nobody takes the name of a container for a comparison that has ended', async () => {
    const name = 'rt-compare-0123456789abcdef-1'
    const { code, sentence } = await rt().complaint(['run', '--rm', `--name=${name}`, 'busybox', 'true'])
    expect([code, sentence]).toEqual(['RT_NAME_INVALID', expect.stringContaining('a comparison that has ended')])
  })
})
