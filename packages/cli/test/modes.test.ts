import { describe, expect, it } from 'vitest'
import { cannotRun, until, useRt } from './rt.ts'

describe.skipIf(cannotRun)('what each network mode gives', () => {
  const rt = useRt()

  it('bridge: two containers reach each other, by address, and the gateway', async () => {
    const before = await rt().world.snapshot()
    const server = rt().spawn([
      'run',
      '--rm',
      '--name=server',
      '--network=bridge',
      'busybox',
      'sh',
      '-c',
      'echo hello from the other >/tmp/page; ip -4 -o addr show eth0; exec httpd -f -p 80 -h /tmp',
    ])
    const [, address] = await server.waitFor(/inet (172\.16\.\d+\.\d+)\/16/)
    await until(
      'the server listens',
      async () => (await rt().host.run(['busybox', 'wget', '-qO-', `http://${address}/page`])).code === 0,
    )
    const out = await rt().out([
      'run',
      '--rm',
      '--network=bridge',
      'busybox',
      'sh',
      '-c',
      `wget -qO- http://${address}/page; ping -c 1 -W 2 172.16.0.1; ping -c 1 -W 2 ${address}; ip -4 -o addr show eth0`,
    ])
    expect(out).toContain('hello from the other\n')
    expect(out.match(/1 packets received/g)).toHaveLength(2)
    expect(/inet (\S+)\/16/.exec(out)?.[1]).not.toBe(address)
    await rt().out(['rm', '-f', 'server'])
    await rt().world.expectNoLeaks(before)
  })

  it('bridge: one interface besides lo, with a MAC of its own, a default route, and no other way', async () => {
    const script = 'ls /sys/class/net; ip route; cat /sys/class/net/eth0/address'
    const one = await rt().out(['run', '--rm', '--network=bridge', 'busybox', 'sh', '-c', script])
    expect(one).toMatch(
      /^eth0\nlo\ndefault via 172\.16\.0\.1 dev eth0 *\n172\.16\.0\.0\/16 dev eth0 [^\n]*\n([0-9a-f]{2}:){5}[0-9a-f]{2}\n$/,
    )
  })

  it('bridge: br0 keeps its MAC as containers come and go', async () => {
    const mac = () => rt().host.sh('cat /sys/class/net/br0/address')
    const before = await mac()
    for (const name of ['one', 'two']) {
      await rt().out(['run', '-d', `--name=${name}`, '--network=bridge', 'busybox', 'sleep', '100'])
      expect(await mac()).toBe(before)
    }
    await rt().out(['rm', '-f', 'one', 'two'])
    expect(await mac()).toBe(before)
  })

  it('none: only lo, up', async () => {
    const script =
      'ls /sys/class/net; ip addr show lo; ip route; ping -c 1 -W 1 127.0.0.1 | grep received; ping -c 1 -W 1 172.16.0.1; echo $?'
    const { stdout } = await rt().run(['run', '--rm', '--network=none', 'busybox', 'sh', '-c', script])
    expect(stdout).toMatch(/^lo\n1: lo: <LOOPBACK,UP[\s\S]*inet 127\.0\.0\.1\/8[\s\S]*1 packets received[\s\S]*[^0]\n$/)
    expect(stdout).not.toContain('default')
  })

  it('host: the host\u2019s interfaces, addresses and name', async () => {
    const script = 'ip -o addr; ip route; hostname; cat /etc/hostname; readlink /proc/self/ns/net'
    const [inside, outside] = await Promise.all([
      rt().out(['run', '--rm', '--network=host', 'busybox', 'sh', '-c', script]),
      rt().host.sh('busybox ip -o addr; busybox ip route; hostname; hostname; readlink /proc/self/ns/net'),
    ])
    expect(inside).toBe(outside)
    expect(inside).toMatch(/eth0 +inet 198\.51\.100\.2[\s\S]*br0 +inet 172\.16\.0\.1[\s\S]*world-host\nworld-host\n/)
  })

  it('host: resolves as the host does', async () => {
    await rt().host.write('/etc/resolv.conf', 'nameserver 127.0.0.53\nsearch example.org\n')
    const conf = (network: string) =>
      rt().out(['run', '--rm', `--network=${network}`, 'busybox', 'cat', '/etc/resolv.conf'])
    expect(await conf('host')).toBe('nameserver 127.0.0.53\nsearch example.org\n')
    // A loopback resolver means another machine inside: systemd-resolved's own list is taken instead.
    await rt().host.write('/run/systemd/resolve/resolv.conf', 'nameserver 198.51.100.53\n')
    expect(await conf('bridge')).toMatch(/^nameserver 198\.51\.100\.53$/m)
    expect(await conf('bridge')).not.toContain('127.0.0.53')
    await rt().host.sh('rm /run/systemd/resolve/resolv.conf')
  })

  it.each(['none', 'bridge'])(
    '%s: processes, names and message queues are its own; host shares only the network',
    async (network) => {
      const kinds = ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup']
      const script = kinds.map((kind) => `readlink /proc/self/ns/${kind}`).join(';')
      const lines = async (mode: string) =>
        (await rt().out(['run', '--rm', `--network=${mode}`, 'busybox', 'sh', '-c', script])).trim().split('\n')
      const [own, shared] = [await lines(network), await lines('host')]
      const host = (await rt().host.sh(script)).trim().split('\n')
      expect(own.filter((each) => host.includes(each))).toEqual([])
      expect(shared.filter((each) => host.includes(each))).toEqual([host[kinds.indexOf('net')]])
    },
  )
})
