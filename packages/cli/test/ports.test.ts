import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cannotRun, readComplaint, until, useRt, warmNetworks } from './rt.ts'

/** Answers every connection with a line. */
const server = (port = 80, says = 'from inside') => ['sh', '-c', `while echo ${says} | nc -l -p ${port}; do :; done`]

interface Case {
  readonly what: string
  readonly flags: readonly string[]
  readonly code: string
  readonly sentence: RegExp
}

const CASES: readonly Case[] = [
  {
    what: 'a port that is none',
    flags: ['-p', 'http'],
    code: 'RT_PORT_INVALID',
    sentence: /^-p "http": "http" is not/,
  },
  { what: 'port 0', flags: ['-p', '8080:0'], code: 'RT_PORT_INVALID', sentence: /no port 0/ },
  { what: 'a port above the last', flags: ['-p', '70000:80'], code: 'RT_PORT_INVALID', sentence: /70000.*65535/ },
  {
    what: 'ranges of different length',
    flags: ['-p', '8000-8002:80-81'],
    code: 'RT_PORT_INVALID',
    sentence: /3 ports of the host cannot lead to 2/,
  },
  { what: 'a protocol that is none', flags: ['-p', '80:80/icmp'], code: 'RT_PORT_INVALID', sentence: /"icmp"/ },
  { what: 'IPv6 without brackets', flags: ['-p', '::1:8080:80'], code: 'RT_PORT_INVALID', sentence: /too many parts/ },
  {
    what: 'an address that the host does not have',
    flags: ['-p', '192.0.2.5:8080:80'],
    code: 'RT_PORT_INVALID',
    sentence: /no address 192\.0\.2\.5/,
  },
  { what: 'a name for an address', flags: ['-p', 'localhost:8080:80'], code: 'RT_PORT_INVALID', sentence: /localhost/ },
  {
    what: 'one port twice',
    flags: ['-p', '8080:80', '-p', '8080:81'],
    code: 'RT_PORT_INVALID',
    sentence: /8080\/tcp of the host was given twice/,
  },
  { what: 'a port that cannot be exposed', flags: ['--expose=x'], code: 'RT_PORT_INVALID', sentence: /^--expose "x"/ },
  { what: 'ports of nowhere', flags: ['--network=none', '-p', '80'], code: 'RT_NET_MODE', sentence: /none.*publish/ },
]

describe.skipIf(cannotRun)('published ports', () => {
  const rt = useRt()
  const field = async (name: string, path: string) =>
    JSON.parse(await rt().out(['inspect', '--format', `{{json .${path}}}`, name]))
  /** Whether a program of the host may have the port now. */
  const isFree = async (port: number) =>
    (await rt().host.run(['timeout', '0.3', 'busybox', 'nc', '-l', '-p', String(port)])).code === 124
  /** Anything but a host's program is there: nothing answers a container that is gone. */
  const says = async (place: 'host' | 'internet', address: string, port: number) =>
    (await rt().world[place].run(['timeout', '2', 'busybox', 'nc', address, String(port)])).stdout.trim()

  it('one leads from everywhere to the container, and is free again after it', async () => {
    await warmNetworks(rt(), 'bridge')
    const before = await rt().world.snapshot()
    await rt().out(['run', '-d', '--name=web', '-p', '8080:80', 'busybox', ...server()])
    await until('it answers', async () => (await says('host', '127.0.0.1', 8080)) === 'from inside')
    expect(await says('host', '198.51.100.2', 8080)).toBe('from inside')
    expect(await says('internet', '198.51.100.2', 8080)).toBe('from inside')
    const client = ['run', '--rm', 'busybox', 'nc', '198.51.100.2', '8080']
    expect(await rt().out(client)).toBe('from inside\n')
    expect(await rt().out(['exec', 'web', 'nc', '198.51.100.2', '8080'])).toBe('from inside\n')

    expect(await rt().out(['port', 'web'])).toBe('80/tcp -> 0.0.0.0:8080\n')
    expect(await rt().out(['port', 'web', '80/tcp'])).toBe('0.0.0.0:8080\n')
    expect(await rt().out(['ps', '--format', '{Ports}'])).toBe('0.0.0.0:8080->80/tcp\n')
    expect(await rt().out(['ps', '-q', '--filter=publish=8080'])).not.toBe('')
    expect(await rt().out(['ps', '-q', '--filter=publish=8081'])).toBe('')
    expect(await field('web', 'NetworkSettings.Ports')).toEqual({ '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] })
    expect(await field('web', 'HostConfig.PortBindings')).toEqual({ '80/tcp': [{ HostIp: '', HostPort: '8080' }] })

    expect(await isFree(8080)).toBe(false)
    await rt().out(['stop', '-t0', 'web'])
    expect(await isFree(8080)).toBe(true)
    expect(await rt().out(['port', 'web'])).toBe('')
    expect(await says('internet', '198.51.100.2', 8080)).toBe('')

    await rt().out(['start', 'web'])
    await until('it answers again', async () => (await says('internet', '198.51.100.2', 8080)) === 'from inside')
    await rt().out(['rm', '-f', 'web'])
    await rt().world.expectNoLeaks(before)
  })

  it.each([
    ['in the foreground with --rm', ['--rm', '-i']],
    ['in the foreground', ['-i', '--name=kept']],
  ])('the port of one %s is held until its end', async (_, flags) => {
    const container = rt().spawn(['run', ...flags, '-p', '8081:80/udp', 'busybox', 'sh', '-c', 'echo ready; read x'])
    await container.waitFor(/ready/)
    const complaint = await rt().complaint(['run', '--rm', '-p', '8081:1/udp', 'busybox', 'true'])
    expect(complaint).toMatchObject({ code: 'RT_PORT_TAKEN', exitCode: 125 })
    expect(complaint.sentence).toMatch(/8081\/udp of the host is in use by the container \w+$/)
    container.write('go\n')
    await container.exit
    await rt().out(['run', '--rm', '-p', '8081:80/udp', 'busybox', 'true'])
    await rt().run(['rm', 'kept'])
  })

  it('a restart by policy keeps it, and the program does not get the sockets', async () => {
    const command = ['sh', '-c', 'ls -l /proc/self/fd 2>/dev/null | grep -c socket; sleep 0.3; exit 1']
    await rt().out(['run', '-d', '--name=again', '--restart=on-failure:2', '-p', '8082:80', 'busybox', ...command])
    await until('it has ended', async () => (await field('again', 'State.Status')) === 'exited')
    expect(await rt().out(['logs', 'again'])).toBe('0\n0\n0\n')
    expect(await isFree(8082)).toBe(true)
    await rt().out(['rm', 'again'])
  })

  it('kill -9 of the monitor frees it', async () => {
    const before = await rt().world.snapshot()
    await rt().out(['run', '-d', '--rm', '-p', '8083:80', 'busybox', 'sleep', '1000'])
    expect(await isFree(8083)).toBe(false)
    await rt().host.sh("kill -9 $(ps -eo pid,args | awk '/[r]t-shim background/ {print $1}')")
    await until('it is free', () => isFree(8083))
    await rt().out(['ps'])
    await rt().world.expectNoLeaks(before)
  })

  it('free ones are found: for -p 80, for a range, for everything that is exposed', async () => {
    await rt().out(['run', '-d', '--name=a', '-p', '80', '-p', '8090-8099:90', 'busybox', 'sleep', '1000'])
    await rt().out([
      'run',
      '-d',
      '--name=b',
      '-P',
      '--expose=70',
      '--expose=71/udp',
      '-p',
      '8090-8099:90',
      'busybox',
      'sleep',
      '1000',
    ])
    expect(await rt().out(['port', 'a'])).toMatch(/^80\/tcp -> 0\.0\.0\.0:\d{4,5}\n90\/tcp -> 0\.0\.0\.0:8090\n$/)
    expect(await rt().out(['port', 'b'])).toMatch(
      /^90\/tcp -> 0\.0\.0\.0:8091\n70\/tcp -> 0\.0\.0\.0:\d{4,5}\n71\/udp -> 0\.0\.0\.0:\d{4,5}\n$/,
    )
    expect(await field('b', 'HostConfig.PublishAllPorts')).toBe(true)
    await rt().out(['rm', '-f', 'a', 'b'])
    await rt().out(['run', '-d', '--name=c', '--expose=70', 'busybox', 'sleep', '1000'])
    expect(await rt().out(['ps', '--format', '{Ports}'])).toBe('70/tcp\n')
    expect(await field('c', 'NetworkSettings.Ports')).toEqual({ '70/tcp': null })
    await rt().out(['rm', '-f', 'c'])
  })

  it('a hundred of them', async () => {
    const before = await rt().world.snapshot()
    await rt().out(['run', '-d', '--name=many', '-p', '9000-9299:1000-1299/udp', 'busybox', 'sleep', '1000'], {
      timeout: 60_000,
    })
    expect(await rt().out(['ps', '--format', '{Ports}'])).toBe('0.0.0.0:9000-9299->1000-1299/udp\n')
    const complaint = await rt().complaint(['run', '--rm', '-p', '9299:1/udp', 'busybox', 'true'])
    expect(complaint.sentence).toContain('many')
    await rt().out(['rm', '-f', 'many'], { timeout: 60_000 })
    await rt().world.expectNoLeaks(before)
  })

  it('IPv6: both families where the network has both', async () => {
    await rt().out(['network', 'create', '--ipv6', 'six'])
    await rt().out(['run', '-d', '--name=six', '--network=six', '-p', '8084:80', 'busybox', ...server()])
    expect(await rt().out(['port', 'six'])).toBe('80/tcp -> 0.0.0.0:8084\n80/tcp -> [::]:8084\n')
    expect(await rt().out(['ps', '--format', '{Ports}'])).toBe('0.0.0.0:8084->80/tcp, [::]:8084->80/tcp\n')
    await rt().out(['rm', '-f', 'six'])
    await rt().out(['network', 'rm', 'six'])
  })

  const showBridged = (value: 0 | 1) =>
    rt().host.sh(`! cd /proc/sys/net/bridge 2>/dev/null || echo ${value} >bridge-nf-call-ip6tables`)

  it('IPv6: the host reaches them by [::1], unless bridges show their packets to ip6tables', async () => {
    await showBridged(0)
    await rt().out(['network', 'create', '--ipv6', 'six'])
    await warmNetworks(rt(), 'six')
    await rt().out(['run', '-d', '--name=six', '--network=six', '-p', '8094:80', 'busybox', ...server()])
    await rt().out(['run', '-d', '--name=own', '--network=six', '-p', '[::1]:8095:80', 'busybox', ...server()])
    const both = async () => [await says('host', '::1', 8094), await says('host', '::1', 8095)]
    await until('both answer', async () => (await both()).join() === 'from inside,from inside')
    await showBridged(1)
    await rt().out(['network', 'reload'])
    // Refused, not left to wait: a wait ends by 124. Without br_netfilter nothing has been switched.
    const { code } = await rt().host.run(['timeout', '2', 'busybox', 'nc', '::1', '8094'])
    const switched = existsSync('/proc/sys/net/bridge')
    expect(code).toBe(switched ? 1 : 0)
    // Who asks for it by its address is told.
    const asked = await rt().run(['run', '--rm', '--network=six', '-p', '[::1]:8097:80', 'busybox', 'true'])
    if (switched) expect(readComplaint(asked)).toMatchObject({ code: 'RT_NET_MODE', exitCode: 125 })
    else expect(asked.code).toBe(0)
    await showBridged(0)
    await rt().out(['run', '--rm', '--network=six', '-p', '8096:80', 'busybox', 'true'])
    expect(await both()).toEqual(['from inside', 'from inside'])
    await rt().out(['rm', '-f', 'six', 'own'])
    await rt().out(['network', 'rm', 'six'])
    expect(await rt().host.sh('ip -6 route show table local | grep "::1 " || :')).toMatch(/^local ::1 dev lo [^\n]*\n$/)
  })

  it('one at an address is for that address, beside another program at another', async () => {
    const other = rt().host.spawn(['busybox', 'httpd', '-f', '-p', '127.0.0.1:8085'])
    await until('it listens', async () => (await rt().host.sh('cat /proc/net/tcp')).includes(':1F95 '))
    await rt().out(['run', '-d', '--name=one', '-p', '198.51.100.2:8085:80', 'busybox', ...server()])
    await until('it answers', async () => (await says('internet', '198.51.100.2', 8085)) === 'from inside')
    const complaint = await rt().complaint(['run', '--rm', '-p', '127.0.0.1:8085:80', 'busybox', 'true'])
    expect(complaint).toMatchObject({
      code: 'RT_PORT_TAKEN',
      sentence: expect.stringMatching(/in use by busybox \(process \d+\)$/),
    })
    await other.kill()
    await rt().out(['rm', '-f', 'one'])
  })

  it('in the network of the host there is a warning, and nothing is published', async () => {
    const result = await rt().run(['run', '--rm', '--network=host', '-p', '8086:80', 'busybox', 'echo', 'hello'])
    expect(result).toMatchObject({ code: 0, stdout: 'hello\n' })
    expect(result.stderr).toMatch(/^rt: In the network of the host nothing is published[^\n]*\n$/)
  })

  it('a start whose port was taken meanwhile is refused, and the container stays as it was', async () => {
    await rt().out(['run', '-d', '--name=late', '-p', '8087:80', 'busybox', 'sleep', '1000'])
    await rt().out(['stop', '-t0', 'late'])
    await rt().out(['run', '-d', '--name=first', '-p', '8087:80', 'busybox', 'sleep', '1000'])
    const refused = readComplaint(await rt().run(['start', 'late']))
    expect(refused).toMatchObject({ code: 'RT_PORT_TAKEN', exitCode: 1, sentence: expect.stringContaining('first') })
    await rt().out(['rm', '-f', 'first'])
    expect(await rt().out(['start', 'late'])).toBe('late\n')
    await rt().out(['rm', '-f', 'late'])
  })

  it('one of an internal network cannot be published', async () => {
    await rt().out(['network', 'create', '--internal', 'inner'])
    const complaint = await rt().complaint(['run', '--rm', '--network=inner', '-p', '8088:80', 'busybox', 'true'])
    expect(complaint).toMatchObject({ code: 'RT_NET_MODE', sentence: expect.stringContaining('inner') })
    await rt().out(['network', 'rm', 'inner'])
  })

  it('the configured address is the one where none is given', async () => {
    await rt().host.write('/root/rt.yaml', 'network:\n  bridge:\n    publishAddress: 127.0.0.1\n')
    await rt().out(['run', '-d', '--name=local', '-p', '8089:80', 'busybox', ...server()])
    await rt().host.sh('rm /root/rt.yaml')
    expect(await rt().out(['port', 'local'])).toBe('80/tcp -> 127.0.0.1:8089\n')
    await until('it answers', async () => (await says('host', '127.0.0.1', 8089)) === 'from inside')
    expect(await says('internet', '198.51.100.2', 8089)).toBe('')
    await rt().out(['rm', '-f', 'local'])
  })

  it('after a flush of the firewall, rt network reload puts them back', async () => {
    await rt().out(['network', 'create', 'web'])
    await rt().out(['run', '-d', '--name=flushed', '--network=web', '-p', '8091:80', 'busybox', ...server()])
    await until('it answers', async () => (await says('internet', '198.51.100.2', 8091)) === 'from inside')
    await rt().host.sh('iptables -F; iptables -t nat -F')
    expect(await says('internet', '198.51.100.2', 8091)).toBe('')
    expect(await rt().out(['network', 'reload'])).toBe('bridge\n')
    expect(await says('internet', '198.51.100.2', 8091)).toBe('from inside')
    await rt().out(['rm', '-f', 'flushed'])
    await rt().out(['network', 'rm', 'web'])
  })

  it('the generated script of a published port on a user’s network works', async () => {
    await showBridged(0)
    await rt().out(['network', 'create', '--ipv6', 'web'])
    await warmNetworks(rt(), 'web')
    // The way of [::1] stays as long as the bridge.
    await rt().out(['run', '--rm', '--network=web', '-p', '8092:80', 'busybox', 'true'])
    const before = await rt().world.snapshot()
    const command = ['sh', '-c', 'echo ready; for each in 1 2; do echo from inside | nc -l -p 80; done']
    const script = await rt().out(['explain', '--network=web', '-p', '8092:80', 'busybox', ...command])
    const made = rt().host.spawn(['bash', '-c', script])
    await made.waitFor(/ready/)
    await until('it answers', async () => (await says('internet', '198.51.100.2', 8092)) === 'from inside')
    await until('it answers again', async () => (await says('host', '::1', 8092)) === 'from inside')
    expect((await made.exit).code).toBe(0)
    await rt().world.expectNoLeaks(before)
    await rt().out(['network', 'rm', 'web'])
  })

  it.each(CASES)('$what cannot be', async ({ flags, code, sentence }) => {
    const complaint = await rt().complaint(['run', '--rm', ...flags, 'busybox', 'true'])
    expect(complaint).toMatchObject({ code, sentence: expect.stringMatching(sentence), exitCode: 125 })
  })

  it('create says so, too, but for a port that is taken: it may be free by the start', async () => {
    const complaint = await rt().complaint(['create', '-p', '8000-8002:80-81', 'busybox'])
    expect(complaint).toMatchObject({ code: 'RT_PORT_INVALID' })
    await rt().out(['run', '-d', '--name=has', '-p', '8093:80', 'busybox', 'sleep', '1000'])
    await rt().out(['create', '--name=wants', '-p', '8093:80', 'busybox'])
    await rt().out(['rm', '-f', 'has', 'wants'])
  })
})
