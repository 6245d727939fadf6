import { beforeAll, describe, expect, it } from 'vitest'
import { cannotRun, example, readComplaint, until, useRt } from './rt.ts'

const CONFIG = `
drivers:
  network:
    macvlan: ${example('rt-driver-net-macvlan')}
    cni: ${example('rt-driver-net-cni')}
    slirp4netns: ${example('rt-driver-net-slirp4netns')}
network:
  macvlan: { range: 198.51.100.64/28 }
  cni: { conflist: /etc/cni/lab.conflist }
`

/** Debian's plugins: an address of host-local's, a bridge with masquerading, published ports. */
const LAB = {
  cniVersion: '1.0.0',
  name: 'lab',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni-lab',
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      capabilities: { ips: true },
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: '10.99.0.0/24' }]],
        routes: [{ dst: '0.0.0.0/0' }],
        dataDir: '/run/cni/networks',
      },
      dns: { nameservers: ['10.99.0.53'], search: ['lab.test'] },
    },
    { type: 'portmap', snat: true, capabilities: { portMappings: true } },
  ],
}

const server = (port: number, says: string) => ['sh', '-c', `while echo ${says} | nc -l -p ${port}; do :; done`]

/** Drivers of third parties, where the config says that they lie. What is said of one is said of real packets. */
describe.skipIf(cannotRun)('network drivers of the examples', () => {
  const rt = useRt({ warm: false })
  const says = async (place: 'host' | 'internet', address: string, port: number) =>
    (await rt().world[place].run(['timeout', '5', 'busybox', 'nc', '-w', '2', address, String(port)])).stdout.trim()
  const ready = (name: string, port: number) =>
    until(`${name} listens`, async () =>
      (await rt().out(['exec', name, 'cat', '/proc/net/tcp', '/proc/net/tcp6'])).includes(
        `:${port.toString(16).toUpperCase().padStart(4, '0')} `,
      ),
    )
  /** Kills what stands behind the only container that runs, and finishes what it left. */
  const killMonitor = async () => {
    await rt().host.sh("kill -9 $(ps -eo pid,args | awk '/[r]t-shim background/ {print $1}')")
    await rt().run(['ps'])
  }
  /** Runs what `rt explain` prints. */
  const pasted = async (...args: string[]) => {
    const script = await rt().out(['explain', '--name=pasted', ...args])
    return rt().host.run(['bash', '-c', script])
  }
  const seenBy = async (network: string): Promise<string> => {
    await using server = await rt().world.internet.httpServer()
    await rt().out([
      'run',
      '--rm',
      `--network=${network}`,
      'busybox',
      'wget',
      '-qO',
      '/dev/null',
      `http://203.0.113.1:${server.port}/`,
    ])
    return server.requests[0]?.peer ?? 'nobody'
  }

  beforeAll(async () => {
    await rt().host.write('/etc/rt/config.yaml', CONFIG)
    await rt().host.write('/etc/cni/lab.conflist', JSON.stringify(LAB))
    // What is kept for all containers is there before anything is compared.
    for (const network of ['macvlan', 'slirp4netns', 'cni'])
      for (const _ of [1, 2]) {
        const { code, stderr } = await rt().run(['run', '--rm', `--network=${network}`, 'busybox', 'true'])
        if (code !== 0) throw new Error(stderr)
      }
    for (const network of ['slirp4netns', 'cni'])
      await rt().out(['run', '--rm', `--network=${network}`, '-p', '1', 'busybox', 'true'])
  })

  it('macvlan: a container is a machine of the local network, and the host is the one that cannot reach it', async () => {
    await rt().settled()
    const before = await rt().world.snapshot()
    expect(await seenBy('macvlan')).toMatch(/^198\.51\.100\.[67]\d$/)
    await rt().out([
      'run',
      '-d',
      '--name=web',
      '--network=macvlan',
      '--ip=198.51.100.70',
      'busybox',
      ...server(80, 'hello'),
    ])
    await ready('web', 80)
    expect(await says('internet', '198.51.100.70', 80)).toBe('hello')
    const other = await rt().out([
      'run',
      '--rm',
      '--network=macvlan',
      'busybox',
      'nc',
      '-w',
      '2',
      '198.51.100.70',
      '80',
    ])
    expect(other).toBe('hello\n')
    expect(await says('host', '198.51.100.70', 80)).toBe('')
    // The README's way round it.
    await rt().host.sh(`ip link add link eth0 name lan0 type macvlan mode bridge; ip addr add 198.51.100.79/32 dev lan0
      ip link set lan0 up; ip route add 198.51.100.64/28 dev lan0`)
    expect(await says('host', '198.51.100.70', 80)).toBe('hello')
    await rt().host.sh('ip link del lan0')
    const taken = readComplaint(
      await rt().run(['run', '--rm', '--network=macvlan', '--ip=198.51.100.70', 'busybox', 'true']),
    )
    expect(taken).toMatchObject({ code: 'RT_NET_ADDRESS_TAKEN' })
    await killMonitor()
    await rt().out(['rm', 'web'])
    await rt().world.expectNoLeaks(before)
  })

  it('macvlan: as a network, and with ipvlan where the kernel has it', async () => {
    await rt().settled()
    const before = await rt().world.snapshot()
    const create = [
      'network',
      'create',
      '-d',
      'macvlan',
      '--ip-range',
      '198.51.100.80/28',
      '--subnet',
      '198.51.100.0/24',
      '--gateway',
      '198.51.100.1',
    ]
    await rt().out([...create, '--opt', 'mode=private', 'apart'])
    expect(await seenBy('apart')).toMatch(/^198\.51\.100\.8\d$/)
    await rt().out([...create, '--opt', 'mode=ipvlan-l2', 'flat'])
    const ipvlan = await rt().run(['run', '--rm', '--network=flat', 'busybox', 'true'])
    if (ipvlan.code === 0) expect(await seenBy('flat')).toMatch(/^198\.51\.100\.8\d$/)
    else
      expect(readComplaint(ipvlan)).toMatchObject({ code: 'RT_MACVLAN_KERNEL', sentence: 'This kernel has no ipvlan.' })
    await rt().out(['network', 'rm', 'apart', 'flat'])
    await rt().world.expectNoLeaks(before)
  })

  it('slirp4netns: a stack of its own, nothing on the host, and it ends with the container', async () => {
    await rt().settled()
    const before = await rt().world.snapshot()
    expect(await seenBy('slirp4netns')).toBe('198.51.100.2')
    const resolver = await rt().out(['run', '--rm', '--network=slirp4netns', 'busybox', 'cat', '/etc/resolv.conf'])
    expect(resolver).toBe('nameserver 10.0.2.3\n')
    const links = await rt().host.sh('ip -o link; iptables-save | grep -v "^#"')
    await rt().out([
      'run',
      '-d',
      '--name=web',
      '--network=slirp4netns',
      '-p',
      '8080:80',
      'busybox',
      ...server(80, 'hello'),
    ])
    await ready('web', 80)
    expect(await rt().host.sh('ip -o link; iptables-save | grep -v "^#"')).toBe(links)
    expect(await says('internet', '198.51.100.2', 8080)).toBe('hello')
    expect(await rt().out(['port', 'web'])).toContain('80/tcp -> 0.0.0.0:8080')
    const taken = readComplaint(
      await rt().run(['run', '--rm', '--network=slirp4netns', '-p', '8080:80', 'busybox', 'true']),
    )
    expect(taken).toMatchObject({ code: 'RT_PORT_TAKEN', sentence: expect.stringContaining('by the container web') })
    // Whatever ends the container: the kernel closes the lifeline, before any rt has looked.
    await rt().host.sh("kill -9 $(ps -eo pid,args | awk '/[r]t-shim background/ {print $1}')")
    await until('slirp4netns has ended', async () => (await rt().host.run(['pgrep', '-x', 'slirp4netns'])).code === 1)
    await rt().run(['ps'])
    await rt().out(['rm', 'web'])
    await rt().world.expectNoLeaks(before)
  })

  it('slirp4netns: says what it cannot do, and a helper that fails is a start that fails', async () => {
    expect(
      await rt().complaint(['run', '--rm', '--network=slirp4netns', '--ip=10.0.2.9', 'busybox', 'true']),
    ).toMatchObject({
      code: 'RT_NET_MODE',
    })
    await rt().host.sh('mv /dev/net/tun /dev/net/gone')
    expect(await rt().complaint(['run', '--rm', '--network=slirp4netns', 'busybox', 'true'])).toMatchObject({
      code: 'RT_STEP_FAILED',
      sentence: expect.stringContaining('ended before it was ready'),
    })
    await rt().host.sh('mv /dev/net/gone /dev/net/tun')
  })

  it('cni: bridge, host-local and portmap of Debian', async () => {
    await rt().settled()
    const before = await rt().world.snapshot()
    expect(await seenBy('cni')).toBe('198.51.100.2')
    await rt().out([
      'run',
      '-d',
      '--name=web',
      '--network=cni',
      '--ip=10.99.0.77',
      '-p',
      '8080:80',
      'busybox',
      ...server(80, 'hello'),
    ])
    await ready('web', 80)
    const seen = JSON.parse(await rt().out(['inspect', '--format', '{{json .NetworkSettings}}', 'web']))
    expect(seen.Networks.cni).toMatchObject({ IPAddress: '10.99.0.77', IPPrefixLen: 24, Gateway: '10.99.0.1' })
    expect(await rt().out(['exec', 'web', 'cat', '/etc/resolv.conf'])).toBe('nameserver 10.99.0.53\nsearch lab.test\n')
    expect(await says('internet', '198.51.100.2', 8080)).toBe('hello')
    // By its name, on the network that both are in.
    expect(await rt().out(['run', '--rm', '--network=cni', 'busybox', 'nc', '-w', '2', 'web', '80'])).toBe('hello\n')
    expect(await rt().host.sh('ls /run/cni/networks/lab')).toContain('10.99.0.77')
    await killMonitor()
    await rt().out(['rm', 'web'])
    await rt().host.sh('rm -f /run/cni/networks/lab/last_reserved_ip.*')
    expect(await rt().host.sh('ls /run/cni/networks/lab')).not.toContain('10.99.0.77')
    await rt().world.expectNoLeaks(before)
  })

  it('cni: plugins are asked whether all is as it should be, where that is wanted', async () => {
    // Without portmap, whose CHECK of this version fails for containers without IPv6.
    await rt().host.write('/etc/cni/plain.conflist', JSON.stringify({ ...LAB, plugins: [LAB.plugins[0]] }))
    await rt().host.write(
      '/root/checked/rt.yaml',
      'network:\n  cni: { conflist: /etc/cni/plain.conflist, check: true }\n',
    )
    const run = ['run', '--rm', '--network=cni', 'busybox', 'true']
    expect(await rt().run(run, { cwd: '/root/checked' })).toMatchObject({ code: 0, stderr: '' })
    expect((await rt().run(['explain', ...run.slice(2)], { cwd: '/root/checked' })).stdout).toContain(' check ')
  })

  it('cni: a plugin that fails says so, and what the ones before it did is taken back', async () => {
    const broken = { ...LAB, plugins: [LAB.plugins[0], { type: 'host-device', device: 'none0' }] }
    await rt().host.write('/etc/cni/broken.conflist', JSON.stringify(broken))
    await rt().out(['network', 'create', '-d', 'cni', '--opt', 'conflist=/etc/cni/broken.conflist', 'broken'])
    const complaint = await rt().complaint(['run', '--rm', '--network=broken', 'busybox', 'true'])
    expect(complaint).toMatchObject({ code: 'RT_STEP_FAILED', sentence: expect.stringContaining('host-device: ') })
    await rt().out(['network', 'rm', 'broken'])
    expect(await rt().complaint(['network', 'create', '-d', 'cni', '--opt', 'conflist=/none', 'broken'])).toMatchObject(
      { code: 'RT_CNI_CONFIG' },
    )
  })

  it.each([
    ['macvlan', /inet 198\.51\.100\.[67]\d\/24/],
    ['slirp4netns', /inet 10\.0\.2\.100\/24/],
    ['cni', /inet 10\.99\.0\.\d+\/24/],
  ])('%s: the script of rt explain does the same', async (network, address) => {
    await rt().settled()
    const before = await rt().world.snapshot()
    const { code, stdout, stderr } = await pasted(
      `--network=${network}`,
      'busybox',
      'sh',
      '-c',
      'ip -4 -o addr show eth0; exit 7',
    )
    expect({ code, stderr }).toEqual({
      code: 7,
      stderr: expect.stringMatching(/^$|slirp|MTU|\* |seccomp|tapfd|WARNING/),
    })
    expect(stdout).toMatch(address)
    await rt().world.expectNoLeaks(before)
  })
})
