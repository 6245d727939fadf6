import { afterEach, describe, expect, it } from 'vitest'
import { cannotRun, readComplaint, until, useRt, warmNetworks } from './rt.ts'

interface Case {
  readonly what: string
  readonly args: readonly string[]
  readonly code: string
  readonly sentence: RegExp
  readonly exitCode?: number
}

/** Beside a network `taken` of 10.9.0.0/24. */
const CASES: readonly Case[] = [
  { what: 'a name that is taken', args: ['create', 'taken'], code: 'RT_NET_EXISTS', sentence: /taken/ },
  { what: 'the name of a driver', args: ['create', 'bridge'], code: 'RT_NET_EXISTS', sentence: /bridge/ },
  { what: 'a word of --network', args: ['create', 'container'], code: 'RT_NET_NAME_INVALID', sentence: /container/ },
  { what: 'a name that is none', args: ['create', 'a/b'], code: 'RT_NET_NAME_INVALID', sentence: /"a\/b"/ },
  {
    what: 'an unknown driver',
    args: ['create', '--driver=brigde', 'new'],
    code: 'RT_DRIVER_UNKNOWN',
    sentence: /Did you mean "bridge"\?/,
  },
  {
    what: 'a driver that has only its own network',
    args: ['create', '-d', 'host', 'new'],
    code: 'RT_DRIVER_LACKS',
    sentence: /host/,
  },
  {
    what: 'a subnet that is none',
    args: ['create', '--subnet=10.7.0.0/33', 'new'],
    code: 'RT_NET_SUBNET_INVALID',
    sentence: /10\.7\.0\.0\/33/,
  },
  {
    what: 'a subnet with host bits',
    args: ['create', '--subnet=10.7.0.1/24', 'new'],
    code: 'RT_NET_SUBNET_INVALID',
    sentence: /10\.7\.0\.1\/24/,
  },
  {
    what: "another network's subnet",
    args: ['create', '--subnet=10.9.0.128/25', 'new'],
    code: 'RT_NET_SUBNET_OVERLAP',
    sentence: /taken|10\.9\.0/,
  },
  {
    what: 'a subnet that the host routes',
    args: ['create', '--subnet=198.51.100.0/24', 'new'],
    code: 'RT_NET_SUBNET_OVERLAP',
    sentence: /198\.51\.100/,
  },
  {
    what: 'a gateway outside of its subnet',
    args: ['create', '--subnet=10.7.0.0/24', '--gateway=10.8.0.1', 'new'],
    code: 'RT_NET_SUBNET_INVALID',
    sentence: /10\.8\.0\.1/,
  },
  {
    what: 'a gateway without a subnet',
    args: ['create', '--gateway=10.7.0.1', 'new'],
    code: 'RT_USAGE',
    sentence: /--gateway 10\.7\.0\.1/,
  },
  {
    what: 'an unknown option',
    args: ['create', '--opt=mut=1400', 'new'],
    code: 'RT_DRIVER_OPTION',
    sentence: /mut/,
  },
  {
    what: 'a bridge name of more than 15 bytes',
    args: ['create', '--opt=name=a-name-of-16-byte', 'new'],
    code: 'RT_DRIVER_OPTION',
    sentence: /a-name-of-16-byte/,
  },
  {
    what: 'to remove what is not there',
    args: ['rm', 'takne'],
    code: 'RT_NET_UNKNOWN',
    sentence: /Did you mean "taken"/,
  },
  { what: "to remove a driver's own", args: ['rm', 'bridge'], code: 'RT_NET_MODE', sentence: /bridge/ },
  { what: 'to inspect what is not there', args: ['inspect', 'takne'], code: 'RT_NET_UNKNOWN', sentence: /"takne"/ },
  {
    what: 'to connect to what is not there',
    args: ['connect', 'takne', 'box'],
    code: 'RT_NET_UNKNOWN',
    sentence: /Did you mean "taken"/,
  },
  {
    what: 'to connect whom there is not',
    args: ['connect', 'taken', 'bocks'],
    code: 'RT_CONTAINER_UNKNOWN',
    sentence: /bocks/,
  },
  {
    what: 'to connect twice',
    args: ['connect', 'bridge', 'box'],
    code: 'RT_NET_CONNECTED',
    sentence: /box.*bridge/,
  },
  { what: 'to connect to the host', args: ['connect', 'host', 'box'], code: 'RT_NET_MODE', sentence: /host/ },
  {
    what: 'an address outside of the subnet',
    args: ['connect', '--ip=10.8.0.9', 'taken', 'box'],
    code: 'RT_NET_ADDRESS_INVALID',
    sentence: /10\.8\.0\.9/,
  },
  {
    what: 'an address that the host has',
    args: ['connect', '--ip=10.9.0.1', 'taken', 'box'],
    code: 'RT_NET_ADDRESS_INVALID',
    sentence: /10\.9\.0\.1/,
  },
  {
    what: 'to disconnect from where it is not',
    args: ['disconnect', 'taken', 'box'],
    code: 'RT_NET_NOT_CONNECTED',
    sentence: /box.*taken/,
  },
  {
    what: 'a filter that is none',
    args: ['ls', '--filter=nam=x'],
    code: 'RT_USAGE',
    sentence: /Did you mean "name"/,
    exitCode: 125,
  },
]

describe.skipIf(cannotRun)('networks', () => {
  const rt = useRt()
  const inside = (name: string, ...command: string[]) => rt().out(['exec', name, ...command])
  const field = async (name: string, path: string) => (await rt().out(['inspect', '--format', path, name])).trim()
  const pings = async (name: string, address: string) =>
    (await rt().run(['exec', name, 'ping', '-c', '1', '-W', '1', address])).code === 0
  const leases = () => rt().host.sh('find /run/rt/net -path "*/leases/*" -type f -printf "%f\\n" | sort')
  const sleeper = (name: string, ...flags: string[]) =>
    rt().out(['run', '-d', `--name=${name}`, ...flags, 'busybox', 'sleep', '1000'])

  // What a test that failed half-way left must not fail the next ones.
  afterEach(async () => {
    const left = (await rt().out(['ps', '-a', '--format={Names}'])).split('\n').filter(Boolean)
    if (left.includes('box')) return
    if (left.length > 0) await rt().out(['rm', '-f', ...left])
    await rt().out(['network', 'prune', '-f'])
  })

  it('one is created, listed, inspected and removed, and leaves nothing', async () => {
    const before = await rt().world.snapshot()
    const flags = [
      '--subnet=10.5.0.0/16',
      '--ip-range=10.5.7.0/24',
      '--gateway=10.5.0.9',
      '--opt=mtu=1400',
      '--label=tier=db',
    ]
    const id = (await rt().out(['network', 'create', ...flags, 'db'])).trim()
    expect(id).toMatch(/^[0-9a-f]{64}$/)
    expect(await rt().out(['network', 'ls', '--filter=name=db'])).toMatch(
      new RegExp(`^NETWORK ID +NAME +DRIVER +SCOPE\n${id.slice(0, 12)} +db +bridge +local\n$`),
    )
    expect(await rt().out(['network', 'ls', '--format', '{Name}'])).toBe('bridge\ndb\nhost\nnone\n')
    expect(await rt().out(['network', 'list', '-q', '--no-trunc', '--filter=label=tier=db'])).toBe(`${id}\n`)
    const [view] = JSON.parse(await rt().out(['network', 'inspect', id.slice(0, 12)]))
    expect(view).toMatchObject({
      Name: 'db',
      Id: id,
      Created: expect.stringMatching(/^\d{4}-.*Z$/),
      Scope: 'local',
      Driver: 'bridge',
      EnableIPv6: false,
      Internal: false,
      IPAM: { Config: [{ Subnet: '10.5.0.0/16', IPRange: '10.5.7.0/24', Gateway: '10.5.0.9' }] },
      Containers: {},
      Options: { mtu: '1400' },
      Labels: { tier: 'db' },
    })
    const look = ['ip', '-o', '-4', 'addr', 'show', 'eth0']
    expect(await rt().out(['run', '--rm', '--network=db', 'busybox', ...look])).toContain(' 10.5.7.0/16 ')
    expect(await rt().out(['network', 'rm', 'db'])).toBe('db\n')
    await rt().world.expectNoLeaks(before)
  })

  it('a container has several, the first is its way out; a start has them again', async () => {
    const before = await rt().world.snapshot()
    await rt().out(['network', 'create', '--subnet=10.6.0.0/24', 'front'])
    await rt().out(['network', 'create', '--subnet=10.7.0.0/24', 'back'])
    await sleeper(
      'web',
      '--network=front',
      '--network',
      'name=back,ip=10.7.0.77,mac-address=02:00:00:00:00:77,alias=www',
    )
    await sleeper('db', '--network=back')
    const routes =
      'default via 10.6.0.1 dev eth0 \n10.6.0.0/24 dev eth0 scope link  src 10.6.0.2 \n10.7.0.0/24 dev eth1 scope link  src 10.7.0.77 \n'
    expect(await inside('web', 'ip', 'route')).toBe(routes)
    expect(await inside('web', 'cat', '/sys/class/net/eth1/address')).toBe('02:00:00:00:00:77\n')
    expect([await pings('db', '10.7.0.77'), await pings('db', '10.6.0.2')]).toEqual([true, false])
    const { Networks, ...settings } = JSON.parse(await field('web', 'NetworkSettings'))
    expect(settings).toMatchObject({ IPAddress: '10.6.0.2', IPPrefixLen: 24, Gateway: '10.6.0.1' })
    expect(Object.keys(Networks)).toEqual(['front', 'back'])
    expect(Networks.back).toMatchObject({
      IPAddress: '10.7.0.77',
      MacAddress: '02:00:00:00:00:77',
      Aliases: ['www'],
      IPAMConfig: { IPv4Address: '10.7.0.77' },
      NetworkID: (await rt().out(['network', 'ls', '-q', '--no-trunc', '--filter=name=back'])).trim(),
    })
    expect(await field('web', 'HostConfig.NetworkMode')).toBe('front')
    expect(await rt().out(['ps', '--filter=network=back', '--format', '{Names} {Networks}'])).toBe(
      'db back\nweb front,back\n',
    )
    const users = JSON.parse(await rt().out(['network', 'inspect', '--format', 'Containers', 'back']))
    expect(Object.values(users)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ Name: 'web', IPv4Address: '10.7.0.77/24', Interface: 'eth1' }),
      ]),
    )

    await rt().out(['stop', '-t0', 'web'])
    expect(await field('web', 'NetworkSettings.IPAddress')).toBe('')
    await rt().out(['start', 'web'])
    expect(await inside('web', 'ip', 'route')).toContain('10.7.0.77')
    expect(await inside('web', 'ip', 'route')).toMatch(/^default via 10\.6\.0\.1 dev eth0/)
    await rt().out(['rm', '-f', 'web', 'db'])
    await rt().out(['network', 'rm', 'front', 'back'])
    await rt().world.expectNoLeaks(before)
  })

  it('a running container is connected and disconnected, and after its end nothing is left', async () => {
    await rt().out(['network', 'create', '--subnet=10.6.0.0/24', 'front'])
    await rt().out(['network', 'create', '--subnet=10.7.0.0/24', '--ipv6', 'back'])
    await sleeper('db', '--network=back', '--ip=10.7.0.9')
    await warmNetworks(rt(), 'front', 'back')
    await rt().settled()
    const before = await rt().world.snapshot()
    await sleeper('web', '--network=front')
    await rt().out(['network', 'connect', '--alias=www', 'back', 'web'])
    expect(await pings('web', '10.7.0.9')).toBe(true)
    expect(await field('web', 'NetworkSettings.Networks.back.GlobalIPv6Address')).toMatch(/^fd/)
    expect(await inside('web', 'ip', 'route')).toMatch(/^default via 10\.6\.0\.1 dev eth0/)

    // Without its first network the next one is the way out.
    await rt().out(['network', 'disconnect', 'front', 'web'])
    expect(await inside('web', 'ip', 'route')).toMatch(/^default via 10\.7\.0\.1 dev eth1/)
    expect(await leases()).not.toContain('10.6.0.')
    await rt().out(['network', 'disconnect', 'back', 'web'])
    expect(await inside('web', 'ls', '/sys/class/net')).toBe('lo\n')
    expect(await field('web', 'NetworkSettings.Networks')).toBe('{}')
    await rt().out(['network', 'connect', '--ip=10.7.0.30', 'back', 'web'])
    expect(await inside('web', 'ip', 'route')).toMatch(/^default via 10\.7\.0\.1 dev eth0/)
    expect(await pings('web', '10.7.0.9')).toBe(true)

    expect(await leases()).toContain('10.7.0.30\n')
    await rt().out(['rm', '-f', 'web'])
    expect(await leases()).not.toContain('10.7.0.30\n')
    await rt().world.expectNoLeaks(before)
    await rt().out(['rm', '-f', 'db'])
    await rt().out(['network', 'rm', 'front', 'back'])
  })

  it('one of --rm in the foreground that was connected meanwhile', async () => {
    await rt().out(['network', 'create', '--subnet=10.7.0.0/24', 'back'])
    await warmNetworks(rt(), 'back')
    const before = await rt().world.snapshot()
    const container = rt().spawn([
      'run',
      '--rm',
      '-i',
      '--name=direct',
      'busybox',
      'sh',
      '-c',
      'echo ready; read x; exit 3',
    ])
    await container.waitFor(/ready/)
    await rt().out(['network', 'connect', 'back', 'direct'])
    expect(await leases()).toContain('10.7.0.')
    container.write('go\n')
    expect((await container.exit).code).toBe(3)
    await rt().world.expectNoLeaks(before)
    await rt().out(['network', 'rm', 'back'])
  })

  it('one whose monitor was killed after it had been connected', async () => {
    await rt().out(['network', 'create', '--subnet=10.7.0.0/24', 'back'])
    await sleeper('victim')
    await rt().out(['network', 'connect', 'back', 'victim'])
    await rt().host.sh("kill -9 $(ps -eo pid,args | awk '/[r]t-shim background/ {print $1}')")
    await until('nobody sleeps', async () => !(await rt().host.sh('ps ax')).includes('sleep 1000'))
    await rt().out(['ps', '-a'])
    expect(await leases()).toBe('')
    await rt().out(['rm', 'victim'])
    await rt().out(['network', 'rm', 'back'])
  })

  it('a stopped one is connected from its next start on', async () => {
    await rt().out(['network', 'create', '--subnet=10.7.0.0/24', 'back'])
    await rt().out(['create', '--name=later', 'busybox', 'sleep', '1000'])
    await rt().out(['network', 'connect', '--ip=10.7.0.44', 'back', 'later'])
    await rt().out(['network', 'disconnect', 'bridge', 'later'])
    await rt().out(['start', 'later'])
    expect(await inside('later', 'ip', 'route')).toBe(
      'default via 10.7.0.1 dev eth0 \n10.7.0.0/24 dev eth0 scope link  src 10.7.0.44 \n',
    )
    await rt().out(['rm', '-f', 'later'])
    await rt().out(['network', 'rm', 'back'])
  })

  it('what is in use is not removed, and the others are', async () => {
    for (const name of ['one', 'two']) await rt().out(['network', 'create', name])
    await sleeper('user', '--network=one')
    const result = await rt().run(['network', 'rm', 'one', 'two'])
    expect(result).toMatchObject({ code: 1, stdout: 'two\n' })
    expect(readComplaint({ ...result, stdout: '' })).toMatchObject({
      code: 'RT_NET_IN_USE',
      sentence: expect.stringContaining('user'),
    })
    expect(await rt().out(['network', 'prune', '-f'])).toBe('')
    await rt().out(['stop', '-t0', 'user'])
    expect(await rt().out(['network', 'prune', '-f'])).toBe('Deleted Networks:\none\n')
    const start = await rt().run(['start', 'user'])
    expect(readComplaint(start)).toMatchObject({ code: 'RT_NET_UNKNOWN', exitCode: 1 })
    await rt().out(['rm', 'user'])
  })

  it('what happens to them is told', async () => {
    await rt().out(['network', 'create', 'told'])
    await sleeper('hears')
    await rt().out(['network', 'connect', 'told', 'hears'])
    await rt().out(['rm', '-f', 'hears'])
    await rt().out(['network', 'rm', 'told'])
    const events = await rt().out([
      'events',
      '--since=1h',
      '--until=0s',
      '--filter=network=told',
      '--format',
      '{Type} {Action} {Actor.Attributes.name} {Actor.Attributes.type}',
    ])
    expect(events).toBe('network create told bridge\nnetwork connect told bridge\nnetwork destroy told bridge\n')
  })

  it('a configured network is the one without --network', async () => {
    await rt().out(['network', 'create', '--subnet=10.7.0.0/24', 'usual'])
    await rt().host.write('/root/rt.yaml', 'network: usual\n')
    const command = ['run', '--rm', '--ip=10.7.0.5', 'busybox', 'ip', '-o', '-4', 'addr', 'show', 'eth0']
    expect(await rt().out(command)).toContain('10.7.0.5/24')
    await rt().host.sh('rm /root/rt.yaml')
    await rt().out(['network', 'rm', 'usual'])
  })

  it('the generated script of one on several networks works', async () => {
    await rt().out(['network', 'create', '--subnet=10.6.0.0/24', 'front'])
    await rt().out(['network', 'create', '--subnet=10.7.0.0/24', 'back'])
    await warmNetworks(rt(), 'front', 'back')
    await rt().out(['run', '--rm', '--network=front', '--network=back', 'busybox', 'true'])
    const before = await rt().world.snapshot()
    const script = await rt().out(['explain', '--network=front', '--network=back', 'busybox', 'ip', 'route'])
    const { code, stdout, stderr } = await rt().host.run(['bash', '-c', script])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^default via 10\.6\.0\.1 dev eth0 \n10\.6\.0\.0\/24 dev eth0 .*\n10\.7\.0\.0\/24 dev eth1 /)
    await rt().world.expectNoLeaks(before)
    await rt().out(['network', 'rm', 'front', 'back'])
  })

  describe('what cannot be', () => {
    it.each(CASES)('$what', async ({ args, code, sentence, exitCode = 1 }) => {
      if ((await rt().run(['network', 'inspect', 'taken'])).code !== 0) {
        await rt().out(['network', 'create', '--subnet=10.9.0.0/24', 'taken'])
        await sleeper('box')
      }
      const complaint = await rt().complaint(['network', ...args])
      expect(complaint).toMatchObject({ code, sentence: expect.stringMatching(sentence), exitCode })
    })

    it.each([
      [['--network=taken', '--ip=10.9.0.300'], 'RT_NET_ADDRESS_INVALID', /10\.9\.0\.300/],
      [['--network=taken', '--ip=10.8.0.3'], 'RT_NET_ADDRESS_INVALID', /10\.8\.0\.3/],
      [['--network=host', '--ip=10.8.0.3'], 'RT_NET_MODE', /host/],
      [['--network=none', '--network-alias=x'], 'RT_NET_MODE', /none.*"x"/],
      [['--network=taken', '--mac-address=nonsense'], 'RT_USAGE', /nonsense/],
      [['--network=taken', '--network=none'], 'RT_NET_MODE', /none/],
      [['--network=taken', '--network=taken'], 'RT_NET_CONNECTED', /taken/],
      [['--network=name=taken,colour=red'], 'RT_USAGE', /colour=red/],
      [['--network=ip=10.9.0.9'], 'RT_USAGE', /does not name/],
      [['--network=takne'], 'RT_NET_UNKNOWN', /Did you mean "taken"/],
    ])('run %j', async (flags, code, sentence) => {
      const complaint = await rt().complaint(['run', '--rm', ...flags, 'busybox', 'true'])
      expect(complaint).toMatchObject({ code, sentence: expect.stringMatching(sentence), exitCode: 125 })
    })
  })
})

describe.skipIf(cannotRun)('the driver\u2019s own network in network inspect', () => {
  const rt = useRt({ warm: false, ipv6: true })

  it('has the subnets before its bridge is there that it has afterwards, of IPv6 as well where it is on', async () => {
    const { host } = rt()
    const network = async () => JSON.parse(await rt().out(['network', 'inspect', 'bridge']))[0]
    expect(await network()).toMatchObject({
      EnableIPv6: false,
      IPAM: { Config: [{ Subnet: '172.16.0.0/16', Gateway: '172.16.0.1' }] },
    })
    await host.write('/root/rt.yaml', 'network:\n  bridge:\n    ipv6: true\n')
    const before = await network()
    expect(before).toMatchObject({
      EnableIPv6: true,
      IPAM: {
        Config: [
          { Subnet: '172.16.0.0/16', Gateway: '172.16.0.1' },
          { Subnet: expect.stringMatching(/^fd.*::\/64$/), Gateway: expect.stringMatching(/^fd.*::1$/) },
        ],
      },
    })
    expect(await host.sh('ip link show br0 2>&1 || :')).toMatch(/does not exist|can't find/)
    expect(await rt().run(['run', '--rm', '--network=bridge', 'busybox', 'true'])).toMatchObject({ code: 0 })
    const [four, six] = before.IPAM.Config
    const addresses = await host.sh('ip addr show br0')
    expect(addresses).toContain(` ${four.Gateway}/16 `)
    expect(addresses).toContain(` ${six.Gateway}/64 `)
    expect((await network()).IPAM).toEqual(before.IPAM)
  })
})
