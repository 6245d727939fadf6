import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createWorld, differences, machineSnapshot, whyNoWorld } from './index.ts'

describe.skipIf(whyNoWorld())('a world', () => {
  test('has a root of its own: what is destroyed there stays on the machine', async () => {
    await using world = await createWorld()
    const passwd = readFileSync('/etc/passwd', 'utf8')
    expect(await world.host.read('/etc/passwd')).toBe(passwd)
    await world.host.sh(`${world.guard} && rm -rf /etc/* /var/lib/dpkg`)
    expect((await world.host.run(['ls', '/etc/passwd'])).code).toBe(2)
    expect(readFileSync('/etc/passwd', 'utf8')).toBe(passwd)
    expect(existsSync('/etc/rt-test-world')).toBe(false)
  })

  test('has its own processes, hostname, devices and cgroups', async () => {
    await using world = await createWorld()
    const { host } = world
    expect(await host.sh('hostname')).toBe('world-host\n')
    expect(await host.sh('ls /proc | grep -c "^[0-9]"')).toMatch(/^[2-6]\n$/)
    expect((await host.run(['sh', '-c', 'ls /dev/vda /dev/sda /dev/kmsg'])).stdout).toBe('')
    expect(await host.sh('cut -d: -f3 /proc/self/cgroup | sort -u')).toMatch(/^\/(init)?\n$/)
  })

  test('carries overlay mounts and nested namespaces on its data directory', async () => {
    await using world = await createWorld()
    const out = await world.host.sh(`
      cd /var/lib/rt; mkdir lower upper work merged; echo lower >lower/file
      unshare --mount --pid --fork --net --uts --ipc --cgroup sh -euc '
        mount -t overlay test -o lowerdir=lower,upperdir=upper,workdir=work merged
        echo upper >merged/file
      '
      cat lower/file upper/file; ls merged`)
    expect(out).toBe('lower\nupper\n')
  })

  test('reaches the internet through its gateway, which sees its address', async () => {
    await using world = await createWorld({ mtu: 1400 })
    const ask = `echo hello | ${process.execPath} -e "
      const s = require('net').connect(7, '203.0.113.1'); s.pipe(process.stdout); process.stdin.pipe(s)"`
    await using server = await world.internet.tcpServer()
    expect(await world.host.sh(ask)).toBe('198.51.100.2\nhello\n')
    expect(server.peers).toEqual(['198.51.100.2'])
    await using web = await world.internet.httpServer()
    const fetched = await world.host.run([
      process.execPath,
      '-e',
      "fetch('http://198.51.100.1/a').then(async (r) => console.log(await r.text()))",
    ])
    expect(fetched.stdout.trim()).toBe('198.51.100.2')
    expect(web.requests).toEqual([{ peer: '198.51.100.2', method: 'GET', url: '/a' }])
    expect(await world.host.sh('cat /sys/class/net/eth0/mtu')).toBe('1400\n')
  })

  test('can be without an internet', async () => {
    await using world = await createWorld({ internet: false })
    expect(await world.host.sh('ls /sys/class/net; ip route')).toBe('lo\n')
  })

  test('can have a disk that is soon full', async () => {
    await using world = await createWorld({ dataSize: '1m' })
    const { code, stderr } = await world.host.run(['dd', 'if=/dev/zero', 'of=/var/lib/rt/file', 'bs=1M', 'count=2'])
    expect(stderr).toContain('No space left on device')
    expect(code).toBe(1)
  })

  test('ipv6: the host reaches the internet by it, and without it has none', async () => {
    await using world = await createWorld({ ipv6: true })
    await world.host.sh('for to in 2001:db8:1::1 2001:db8:2::1; do busybox ping6 -c 1 -W 5 $to; done')
    await using other = await createWorld()
    expect(await other.host.sh('ip -6 addr show dev eth0')).toBe('')
  })

  test('reaps what is left to its first process', async () => {
    await using world = await createWorld()
    const before = await world.snapshot()
    await world.host.sh('(sleep 0.05 & sleep 0.05 & ) ; :')
    await world.expectNoLeaks(before)
  })

  test('leaves nothing on the machine', async () => {
    const before = machineSnapshot()
    {
      await using world = await createWorld()
      world.host.spawn(['sleep', '1000'])
      world.internet.spawn(['sleep', '1000'])
      await world.host.sh(
        'mkdir -p /sys/fs/cgroup/pids/rt-test/inner 2>/dev/null || mkdir -p /sys/fs/cgroup/rt-test/inner',
      )
      expect(differences(before, machineSnapshot()).join('\n')).toMatch(/cgroups: \+ .*\/rt-world-.*\n.*processes: \+/s)
    }
    expect(differences(before, machineSnapshot())).toEqual([])
  })
})
