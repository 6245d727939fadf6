import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cannotRun, RT, type Rt, readComplaint, until, useRt } from './rt.ts'

const inspect = async (rt: Rt, name: string) => JSON.parse(await rt.out(['inspect', name]))[0]
const LOOK = 'readlink /proc/self/ns/net; ip -4 -o addr; hostname; cat /etc/hosts /etc/hostname /etc/resolv.conf'

describe.skipIf(cannotRun)('--network=container:NAME', () => {
  const rt = useRt()
  // The kernel takes the network of a container that has ended apart in its own time.
  beforeEach(() => until('the bridge is empty', async () => (await rt().host.sh('ls /sys/class/net/br0/brif')) === ''))
  // What a test that failed has left must not fail the next.
  afterEach(async () => {
    const left = (await rt().out(['ps', '-aq'])).trim().split('\n').filter(Boolean)
    if (left.length > 0) await rt().run(['rm', '-f', ...left])
  })
  const start = async (name: string, ...flags: string[]): Promise<string> =>
    (await rt().out(['run', '-d', `--name=${name}`, ...flags, 'busybox', 'sleep', '1001'])).trim()

  it.each([
    ['--network=bridge'],
    ['--network=bridge', '--add-host=db:10.1.2.3', '--dns=192.0.2.53', '--hostname=box'],
    ['--network=none'],
    ['--network=host'],
  ])('has the network, the name and the files of the other one: %s', async (...flags) => {
    const before = await rt().world.snapshot()
    const id = await start('first', ...flags)
    await start('second', '--network=container:first')
    const first = await rt().out(['exec', 'first', 'sh', '-c', LOOK])
    for (const name of ['second', await start('third', `--network=container:${id.slice(0, 12)}`)])
      expect(await rt().out(['exec', name, 'sh', '-c', LOOK])).toBe(first)
    // One that joins a joiner.
    expect(await rt().out(['run', '--rm', '--network=container:second', 'busybox', 'sh', '-c', LOOK])).toBe(first)
    const seen = await inspect(rt(), 'second')
    expect(seen.HostConfig.NetworkMode).toBe(`container:${id}`)
    expect(seen.NetworkSettings.Networks).toEqual({})
    expect(seen.Mounts).toEqual([])
    expect(await rt().out(['ps', '--format={{.Mounts}}'])).toBe('\n\n\n')
    // What one writes the other reads, where the file is not that of all.
    if (flags.length > 1 || flags[0] === '--network=none') {
      await rt().out([
        'exec',
        'second',
        'sh',
        '-c',
        'echo 10.9.9.9 mine >>/etc/hosts; echo 10.9.9.8 yours >>/etc/resolv.conf',
      ])
      expect(await rt().out(['exec', 'first', 'cat', '/etc/hosts'])).toContain('10.9.9.9 mine\n')
      expect(await rt().out(['exec', 'first', 'cat', '/etc/resolv.conf'])).toContain('10.9.9.8 yours\n')
    }
    await rt().out(['rm', '-f', 'second', 'third'])
    expect((await rt().run(['exec', 'first', 'ip', 'link', 'show', 'lo'])).code).toBe(0)
    await rt().out(['rm', '-f', 'first'])
    await rt().world.expectNoLeaks(before)
  })

  it('they reach each other by 127.0.0.1, others find the first one by name, and names that come later are known to both', async () => {
    await start('first', '--network=bridge')
    await rt().out([
      'run',
      '-d',
      '--name=server',
      '--network=container:first',
      'busybox',
      'sh',
      '-c',
      'echo hello >/index.html; httpd -f -p 8080 -h /',
    ])
    await until(
      'it listens',
      async () => (await rt().run(['exec', 'first', 'wget', '-qO-', 'http://127.0.0.1:8080/'])).code === 0,
    )
    expect(await rt().out(['run', '--rm', '--network=bridge', 'busybox', 'wget', '-qO-', 'http://first:8080/'])).toBe(
      'hello\n',
    )
    await start('later', '--network=bridge')
    expect((await rt().run(['exec', 'server', 'ping', '-c1', '-W2', 'later'])).stdout).toContain(' 0% packet loss')
    // By the other one's name only.
    expect(await rt().out(['exec', 'later', 'cat', '/etc/hosts'])).not.toContain('server')
    await rt().out(['rm', '-f', 'first', 'server', 'later'])
  })

  it('goes on when the other one ends, is restarted in the same namespace, and cannot be started again without it', async () => {
    const before = await rt().world.snapshot()
    await start('first', '--network=bridge', '--own-hosts')
    const address = (await inspect(rt(), 'first')).NetworkSettings.IPAddress
    await rt().out([
      'run',
      '-d',
      '--name=second',
      '--restart=always',
      '--network=container:first',
      'busybox',
      'sh',
      '-c',
      'cat /etc/hosts; ip -4 -o addr show eth0; mkfifo /end 2>/dev/null; read word </end',
    ])
    const namespace = () => rt().out(['exec', 'second', 'readlink', '/proc/self/ns/net'])
    const once = await namespace()
    await rt().out(['rm', '-f', 'first'])
    expect(await namespace()).toBe(once)
    // It may end before it has said so.
    await rt().run(['exec', 'second', 'sh', '-c', 'echo now >/end'])
    await until('it was restarted', async () => {
      const { RestartCount, State } = await inspect(rt(), 'second')
      return RestartCount === 1 && State.Running
    })
    expect(await namespace()).toBe(once)
    await until(
      'it has looked twice',
      async () => (await rt().out(['logs', 'second'])).split(`inet ${address}/`).length === 3,
    )
    await rt().out(['stop', '-t0', 'second'])
    expect(readComplaint(await rt().run(['start', 'second']))).toMatchObject({
      code: 'RT_CONTAINER_UNKNOWN',
      exitCode: 1,
    })
    await rt().out(['rm', 'second'])
    await rt().world.expectNoLeaks(before)
  })

  it('needs one that runs: clearly said by run, start and explain; create does not need it yet', async () => {
    await rt().out(['create', '--name=first', '--network=bridge', 'busybox', 'sleep', '1001'])
    await rt().out([
      'create',
      '--name=second',
      '--network=container:first',
      'busybox',
      'ip',
      '-4',
      '-o',
      'addr',
      'show',
      'eth0',
    ])
    const sentence = 'The container first, whose network it shares, is not running'
    expect(readComplaint(await rt().run(['start', '-a', 'second']))).toMatchObject({
      code: 'RT_CONTAINER_NOT_RUNNING',
      exitCode: 1,
      sentence,
    })
    for (const command of [['run', '--rm'], ['run', '-d'], ['explain']]) {
      const args = [...command, '--network=container:first', 'busybox', 'true']
      expect(await rt().complaint(args)).toMatchObject({ code: 'RT_CONTAINER_NOT_RUNNING', exitCode: 125, sentence })
    }
    expect(await rt().complaint(['run', '--rm', '--network=container:nobody', 'busybox', 'true'])).toMatchObject({
      code: 'RT_CONTAINER_UNKNOWN',
    })
    await rt().out(['start', 'first'])
    await rt().out(['rename', 'first', 'renamed'])
    const address = (await inspect(rt(), 'renamed')).NetworkSettings.IPAddress
    expect(await rt().out(['start', '-a', 'second'])).toContain(` ${address}/`)
    await rt().out(['rm', '-f', 'renamed', 'second'])
  })

  it.each([
    ['--publish=8080:80'],
    ['--publish-all'],
    ['--expose=80'],
    ['--hostname=box'],
    ['--dns=192.0.2.1'],
    ['--dns-search=example.org'],
    ['--dns-option=ndots:2'],
    ['--add-host=a:10.0.0.1'],
    ['--own-hosts'],
    ['--network=bridge'],
    ['--ip=172.16.0.9'],
    ['--network-alias=a'],
  ])('%s does not go together with it', async (flag) => {
    await start('first', '--network=none')
    const args = ['run', '--rm', '--network=container:first', flag, 'busybox', 'true']
    expect(await rt().complaint(args)).toMatchObject({ code: 'RT_NET_MODE', exitCode: 125 })
    await rt().out(['rm', '-f', 'first'])
  })

  it('cannot be connected to a network in addition', async () => {
    await start('first', '--network=none')
    await start('second', '--network=container:first')
    expect(readComplaint(await rt().run(['network', 'connect', 'bridge', 'second']))).toMatchObject({
      code: 'RT_NET_MODE',
      exitCode: 1,
    })
    await rt().out(['rm', '-f', 'first', 'second'])
  })

  it('explain is a script that joins it, too', async () => {
    await start('first', '--network=bridge')
    const script = await rt().out(['explain', '--network=container:first', 'busybox', 'readlink', '/proc/self/ns/net'])
    expect(script).toContain('nsenter --net=')
    const { code, stdout, stderr } = await rt().host.run(['bash', '-c', script])
    expect({ code, stderr, stdout }).toEqual({
      code: 0,
      stderr: '',
      stdout: await rt().out(['exec', 'first', 'readlink', '/proc/self/ns/net']),
    })
    await rt().out(['rm', '-f', 'first'])
  })

  it('of a monitor that was killed: nothing is left', async () => {
    const before = await rt().world.snapshot()
    await start('first', '--network=bridge')
    await start('second', '--rm', '--network=container:first')
    await rt().host.sh("kill -9 $(ps -eo pid,args | awk '/[r]t-shim background/ {print $1}')")
    await until('nobody sleeps', async () => !(await rt().host.sh('ps ax')).includes('sleep 100'))
    expect(await rt().out(['ps', '-aq', '--filter=name=second'])).toBe('')
    await rt().out(['rm', 'first'])
    await rt().world.expectNoLeaks(before)
    expect(await rt().host.sh(`${RT} ps -aq`)).toBe('')
  })
})
