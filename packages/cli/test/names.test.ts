import { patience } from '@rt/test-world'
import { describe, expect, it } from 'vitest'
import { cannotRun, RT, type Rt, until, useRt } from './rt.ts'

/** Starts one that stays, and answers its id. */
const start = async (rt: Rt, name: string, ...flags: string[]): Promise<string> =>
  (await rt.out(['run', '-d', `--name=${name}`, '--network=bridge', ...flags, 'busybox', 'sleep', '1001'])).trim()

const addressOf = async (rt: Rt, name: string): Promise<string> =>
  JSON.parse(await rt.out(['inspect', name]))[0].NetworkSettings.IPAddress

/** What a container finds: `PING web (172.16.0.3)`; undefined where it finds nothing. */
const resolve = async (rt: Rt, from: string, name: string): Promise<string | undefined> => {
  const { stdout } = await rt.run(['exec', from, 'ping', '-c1', '-W2', name])
  return / 0% packet loss/.test(stdout) ? /^PING \S+ \(([^)]+)\)/.exec(stdout)?.[1] : undefined
}

const hosts = (rt: Rt, name: string): Promise<string> => rt.out(['exec', name, 'cat', '/etc/hosts'])
const live = (text: string): string[] => text.split('\n').filter((line) => /^[^#].*\t# [0-9a-f]{12}$/.test(line))
const files = (rt: Rt): Promise<string> => rt.host.sh('find /run/rt/hosts -mindepth 2 | sort')
/** All lines of containers that live, as far as the hosts files know. */
const known = async (rt: Rt): Promise<string[]> => live(await rt.host.sh('cat /run/rt/hosts/*/*'))

describe.skipIf(cannotRun)('containers of a network find each other', () => {
  const rt = useRt()

  it('by name, short id and hostname, those that were there before and those that come', async () => {
    const before = await rt().world.snapshot()
    const one = await start(rt(), 'one')
    const two = await start(rt(), 'two', '--hostname=two.example')
    const [first, second] = [await addressOf(rt(), 'one'), await addressOf(rt(), 'two')]
    for (const name of ['one', one.slice(0, 12)]) expect(await resolve(rt(), 'two', name), name).toBe(first)
    for (const name of ['two', two.slice(0, 12), 'two.example'])
      expect(await resolve(rt(), 'one', name), name).toBe(second)
    for (const name of ['one', 'two']) expect(await resolve(rt(), name, name)).toBe(await addressOf(rt(), name))
    // The first name of a line is the one that reverse lookups give, and `hostname -f`.
    expect(live(await hosts(rt(), 'one')).map((line) => line.split(/\s+/).slice(0, 2))).toEqual([
      [first, 'one'],
      [second, 'two.example'],
    ])
    expect(await rt().out(['exec', 'two', 'hostname', '-f'])).toBe('two.example\n')
    await rt().out(['stop', '-t0', 'one'])
    expect(await resolve(rt(), 'two', 'one')).toBeUndefined()
    await rt().out(['start', 'one'])
    expect(await resolve(rt(), 'two', 'one')).toBe(await addressOf(rt(), 'one'))
    expect(live(await hosts(rt(), 'two'))).toHaveLength(2)
    await rt().out(['rm', '-f', 'one', 'two'])
    expect(await known(rt())).toEqual([])
    await rt().world.expectNoLeaks(before)
  })

  it('no longer by the old name after a rename, at once by the new one, and after the end by none', async () => {
    await start(rt(), 'old')
    await start(rt(), 'looks')
    const address = await addressOf(rt(), 'old')
    await rt().out(['rename', 'old', 'new'])
    expect(await resolve(rt(), 'looks', 'new')).toBe(address)
    expect(await resolve(rt(), 'looks', 'old')).toBeUndefined()
    await rt().out(['restart', '-t0', 'new'])
    expect(await resolve(rt(), 'looks', 'new')).toBe(await addressOf(rt(), 'new'))
    await rt().out(['rm', '-f', 'new'])
    expect(await resolve(rt(), 'looks', 'new')).toBeUndefined()
    await rt().out(['rm', '-f', 'looks'])
  })

  it('with the same address after every restart by a policy', async () => {
    await start(rt(), 'looks')
    await rt().out([
      'run',
      '-d',
      '--name=again',
      '--restart=always',
      '--network=bridge',
      'busybox',
      'sh',
      '-c',
      'sleep 0.3',
    ])
    const lines = async () => live(await hosts(rt(), 'looks')).filter((line) => line.includes('\tagain '))
    const once = await lines()
    expect(once).toHaveLength(1)
    await until(
      'it was restarted twice',
      async () => JSON.parse(await rt().out(['inspect', 'again']))[0].RestartCount >= 2,
    )
    expect(await lines()).toEqual(once)
    await rt().out(['rm', '-f', 'looks', 'again'])
    expect(await known(rt())).toEqual([])
  })

  it('a file of its own knows the others, and the others it; what it writes there nobody else sees', async () => {
    const before = await rt().world.snapshot()
    await start(rt(), 'before')
    await start(rt(), 'own', '--own-hosts')
    await start(rt(), 'extra', '--add-host=db:10.1.2.3')
    await start(rt(), 'after')
    const address = async (name: string) => [name, await addressOf(rt(), name)] as const
    const all = new Map(await Promise.all(['before', 'own', 'extra', 'after'].map(address)))
    for (const from of all.keys())
      for (const [to, expected] of all) expect(await resolve(rt(), from, to), `${from} looks for ${to}`).toBe(expected)
    await rt().out(['exec', 'own', 'sh', '-c', `echo ${all.get('own')} poison >>/etc/hosts`])
    expect(await resolve(rt(), 'own', 'poison')).toBe(all.get('own'))
    expect(await resolve(rt(), 'after', 'poison')).toBeUndefined()
    expect(await hosts(rt(), 'extra')).toContain('\n10.1.2.3\tdb\n')
    expect(await hosts(rt(), 'after')).not.toContain('10.1.2.3')
    await rt().out(['rm', '-f', 'before'])
    for (const from of ['own', 'extra', 'after']) expect(await resolve(rt(), from, 'before')).toBeUndefined()
    await rt().out(['rm', '-f', 'own', 'extra', 'after'])
    await rt().world.expectNoLeaks(before)
  })

  it('nobody can write what others read, not even as root, nor keep them from starting', async () => {
    await start(rt(), 'guest')
    for (const attempt of [
      'echo 9.9.9.9 guest >>/etc/hosts',
      'mount -o remount,rw /etc/hosts',
      'umount /etc/hosts',
      'rm /etc/hosts',
    ])
      expect((await rt().run(['exec', 'guest', 'sh', '-c', attempt])).code, attempt).not.toBe(0)
    // A lease would hold up every other writer for 45 seconds.
    await rt().host.write('/root/lease.c', LEASE)
    await rt().host.sh('$(command -v musl-gcc || echo cc) -static -o /root/lease /root/lease.c')
    const lessor = ['--network=bridge', '-v', '/root/lease:/lease', 'busybox', '/lease', '/etc/hosts']
    await rt().out(['run', '-d', '--name=lessor', ...lessor])
    await until('it has tried', async () => (await rt().out(['logs', 'lessor'])).includes('\n'))
    expect(await rt().out(['logs', 'lessor'])).toBe('lease: -1, lock: 0\n')
    await start(rt(), 'next')
    expect(await resolve(rt(), 'guest', 'next')).toBe(await addressOf(rt(), 'next'))
    // One with a file of its own gets its lease, and is the only one to have less of it.
    await rt().out(['run', '-d', '--name=own', '--own-hosts', ...lessor])
    await until('it has its lease', async () => (await rt().out(['logs', 'own'])).includes('lease: 0'))
    const begin = performance.now()
    await start(rt(), 'last')
    expect(performance.now() - begin).toBeLessThan(20_000)
    await rt().out(['rm', '-f', 'guest', 'lessor', 'next', 'own', 'last'])
    expect(await known(rt())).toEqual([])
  })

  it('a hostname that another one has leads each to itself, and a name is never taken by a hostname', async () => {
    await start(rt(), 'app1', '--hostname=app')
    await start(rt(), 'app2', '--hostname=app')
    await start(rt(), 'thief', '--hostname=app1')
    await start(rt(), 'local', '--hostname=localhost')
    for (const name of ['app1', 'app2']) expect(await resolve(rt(), name, 'app')).toBe(await addressOf(rt(), name))
    expect(await resolve(rt(), 'app2', 'app1')).toBe(await addressOf(rt(), 'app1'))
    expect(await resolve(rt(), 'thief', 'app1')).toBe(await addressOf(rt(), 'thief'))
    expect(await resolve(rt(), 'app1', 'localhost')).toBe('127.0.0.1')
    await rt().out(['rm', '-f', 'app1', 'app2', 'thief', 'local'])
  })

  it('not from another network: none, or the host\u2019s', async () => {
    const before = await rt().world.snapshot()
    await start(rt(), 'here')
    for (const network of ['none', 'host']) {
      const text = await rt().out(['run', '--rm', `--network=${network}`, 'busybox', 'cat', '/etc/hosts'])
      expect(text).not.toContain('here')
      if (network === 'host') expect(text).toBe(await rt().host.sh('cat /etc/hosts'))
    }
    expect(await rt().host.sh('cat /etc/hosts')).not.toContain('here')
    await rt().out(['rm', '-f', 'here'])
    await rt().world.expectNoLeaks(before)
  })

  it('many at once: everybody is known, and then nobody', { timeout: patience(120_000) }, async () => {
    const before = await rt().world.snapshot()
    const names = Array.from({ length: 12 }, (_, n) => `many${n}`)
    await Promise.all(names.map((name) => start(rt(), name)))
    const text = await hosts(rt(), 'many0')
    expect(
      live(text)
        .map((line) => line.split(/\s+/)[1])
        .sort(),
    ).toEqual([...names].sort())
    expect(await resolve(rt(), 'many3', 'many11')).toBe(await addressOf(rt(), 'many11'))
    await rt().out(['rm', '-f', ...names])
    expect(await known(rt())).toEqual([])
    await rt().world.expectNoLeaks(before)
  })

  it.each([[''], ['--own-hosts']])('whoever reads late what one wrote finds what it read: %s', async (flag) => {
    const before = await rt().world.snapshot()
    const text = await rt().host.sh(
      `mkfifo end; { ${RT} run --rm --name=late --network=bridge ${flag} busybox cat /etc/hosts; echo >end; } | { read _ <end; cat; }; rm end`,
    )
    expect(live(text)).toHaveLength(1)
    expect(text).toMatch(/^[\d.]+\t.*late/m)
    expect(text).not.toContain('\0')
    expect(await known(rt())).toEqual([])
    await rt().world.expectNoLeaks(before)
  })

  it('inspect names the file, and cp does not write through it', async () => {
    await start(rt(), 'shown')
    await start(rt(), 'owner', '--own-hosts')
    const path = async (name: string) => JSON.parse(await rt().out(['inspect', name]))[0]
    expect((await path('shown')).HostsPath).toBe('/run/rt/hosts/bridge/bridge')
    expect((await path('shown')).Mounts).toEqual([])
    expect((await path('owner')).HostsPath).toMatch(/^\/var\/lib\/rt\/containers\/\w+\/hosts$/)
    await rt().host.sh('echo 9.9.9.9 shown >evil')
    expect((await rt().run(['cp', '/root/evil', 'shown:/etc/hosts'])).code).toBe(1)
    expect(await hosts(rt(), 'shown')).not.toContain('9.9.9.9')
    await rt().out(['rm', '-f', 'shown', 'owner'])
  })
})

describe.skipIf(cannotRun)('in several networks', () => {
  const rt = useRt()
  const startIn = async (name: string, networks: string[], ...flags: string[]) =>
    rt().out([
      'run',
      '-d',
      `--name=${name}`,
      ...networks.map((n) => `--network=${n}`),
      ...flags,
      'busybox',
      'sleep',
      '1001',
    ])
  const addressIn = async (name: string, network: string): Promise<string> =>
    JSON.parse(await rt().out(['inspect', name]))[0].NetworkSettings.Networks[network].IPAddress

  it('everybody finds whom it shares a network with, by the address in that network, and nobody else', async () => {
    for (const name of ['front', 'back']) await rt().out(['network', 'create', name])
    const before = await rt().world.snapshot()
    await startIn('web', ['front'], '--network-alias=www', '--network-alias=shared')
    await startIn('db', ['back'], '--network-alias=shared')
    await startIn('app', ['name=front,alias=app-front', 'back'])
    await startIn('also', ['front', 'back'])
    await startIn('apart', ['bridge'])
    const found = async (from: string, to: string) =>
      (await hosts(rt(), from)).match(new RegExp(`^[\\d.]+(?=\\t(.* )?${to} )`, 'gm')) ?? []
    const expected: [from: string, to: string, networks: string[]][] = [
      ['web', 'app', ['front']],
      ['web', 'app-front', ['front']],
      ['db', 'app', ['back']],
      ['app', 'web', ['front']],
      ['app', 'www', ['front']],
      ['app', 'db', ['back']],
      ['app', 'also', ['front', 'back']],
      ['also', 'app', ['front', 'back']],
      ['also', 'db', ['back']],
      ['web', 'also', ['front']],
    ]
    for (const [from, to, networks] of expected) {
      const target = to === 'www' ? 'web' : to.replace('-front', '')
      const addresses = await Promise.all(networks.map((network) => addressIn(target, network)))
      expect((await found(from, to)).sort(), `${from} looks for ${to}`).toEqual(addresses.sort())
      expect(addresses, `${from} reaches ${to}`).toContain(await resolve(rt(), from, to))
    }
    for (const [from, to] of [
      ['web', 'db'],
      ['db', 'web'],
      ['apart', 'web'],
      ['web', 'apart'],
      ['apart', 'app'],
      ['db', 'www'],
      ['db', 'app-front'],
    ] as const)
      expect(await found(from, to), `${from} looks for ${to}`).toEqual([])
    expect((await found('app', 'shared')).sort()).toEqual(
      [await addressIn('web', 'front'), await addressIn('db', 'back')].sort(),
    )
    // Both of them see the same file, and a third that comes with a file of its own is in it.
    expect(
      (await files(rt()))
        .trim()
        .split('\n')
        .filter((path) => path.endsWith('back+front')),
    ).toHaveLength(2)
    await startIn('third', ['back', 'front'], '--own-hosts')
    for (const other of ['web', 'db', 'app', 'also']) expect(await found('third', other)).not.toEqual([])
    for (const other of ['web', 'db', 'app', 'also']) expect(await found(other, 'third')).not.toEqual([])
    await rt().out(['rename', 'app', 'renamed'])
    expect(await resolve(rt(), 'db', 'renamed')).toBe(await addressIn('renamed', 'back'))
    expect(await resolve(rt(), 'web', 'renamed')).toBe(await addressIn('renamed', 'front'))
    expect(await found('also', 'app')).toEqual([])
    await rt().out(['rm', '-f', 'web', 'db', 'renamed', 'also', 'apart', 'third'])
    expect(await known(rt())).toEqual([])
    await rt().out(['network', 'rm', 'front', 'back'])
    expect(await files(rt())).not.toContain('front')
    for (const name of ['front', 'back']) await rt().out(['network', 'create', name])
    await rt().world.expectNoLeaks(before)
    await rt().out(['network', 'rm', 'front', 'back'])
  })

  it.each([[[]], [['--own-hosts']], [['--restart=always']]])(
    'follows connections and disconnections of one that runs: %j',
    async (flags) => {
      for (const name of ['front', 'back']) await rt().out(['network', 'create', name])
      const before = await rt().world.snapshot()
      await startIn('web', ['front'])
      await startIn('db', ['back'])
      const script = 'mkfifo /end 2>/dev/null; read word </end'
      await rt().out(['run', '-d', '--name=moves', '--network=front', ...flags, 'busybox', 'sh', '-c', script])
      const finds = async (from: string) => {
        const text = await hosts(rt(), from)
        return ['web', 'db', 'moves', 'later'].filter((name) =>
          live(text).some((line) => line.split(/\s+/).includes(name)),
        )
      }
      expect(await finds('moves')).toEqual(['web', 'moves'])
      await rt().out(['network', 'connect', '--alias=mover', 'back', 'moves'])
      expect(await finds('moves')).toEqual(['web', 'db', 'moves'])
      expect(await finds('db')).toEqual(['db', 'moves'])
      expect(await resolve(rt(), 'db', 'mover')).toBe(await addressIn('moves', 'back'))
      expect(await resolve(rt(), 'moves', 'db')).toBe(await addressIn('db', 'back'))
      // Whoever comes later is found, too; in both networks it is there once for each.
      await startIn('later', ['back'])
      expect(await finds('moves')).toEqual(['web', 'db', 'moves', 'later'])
      await rt().out(['network', 'disconnect', 'front', 'moves'])
      expect(await finds('moves')).toEqual(['db', 'moves', 'later'])
      expect(await finds('web')).toEqual(['web'])
      expect(live(await hosts(rt(), 'moves'))).toHaveLength(3)
      if (flags[0] === '--restart=always') {
        await rt().run(['exec', 'moves', 'sh', '-c', 'echo now >/end'])
        await until('it was restarted', async () => {
          const [{ RestartCount, State }] = JSON.parse(await rt().out(['inspect', 'moves']))
          return RestartCount === 1 && State.Running
        })
        expect(await finds('moves')).toEqual(['db', 'moves', 'later'])
      }
      await rt().out(['network', 'disconnect', 'back', 'moves'])
      expect(await finds('moves')).toEqual([])
      expect(await finds('db')).toEqual(['db', 'later'])
      await rt().out(['network', 'connect', 'front', 'moves'])
      expect(await finds('moves')).toEqual(['web', 'moves'])
      expect(await finds('web')).toEqual(['web', 'moves'])
      await rt().out(['rm', '-f', 'moves', 'web', 'db', 'later'])
      expect(await known(rt())).toEqual([])
      await rt().out(['network', 'rm', 'front', 'back'])
      for (const name of ['front', 'back']) await rt().out(['network', 'create', name])
      await rt().world.expectNoLeaks(before)
      await rt().out(['network', 'rm', 'front', 'back'])
    },
  )

  it('the only one of a network that leaves it and comes back is found, and finds who comes then', async () => {
    await rt().out(['network', 'create', 'lonely'])
    await rt().out(['run', '-d', '--name=back', '--network=lonely', 'busybox', 'sleep', '1001'])
    await rt().out(['network', 'disconnect', 'lonely', 'back'])
    expect(live(await hosts(rt(), 'back'))).toEqual([])
    await rt().out(['network', 'connect', 'lonely', 'back'])
    await rt().out(['run', '-d', '--name=new', '--network=lonely', 'busybox', 'sleep', '1001'])
    expect(await resolve(rt(), 'back', 'new')).toBeDefined()
    expect(await resolve(rt(), 'new', 'back')).toBeDefined()
    await rt().out(['rm', '-f', 'back', 'new'])
    await rt().out(['network', 'rm', 'lonely'])
  })

  it('the file of a network that it has left and that is removed was not under the one that it has now', async () => {
    for (const name of ['left', 'right']) await rt().out(['network', 'create', name])
    await rt().out(['run', '-d', '--name=stays', '--network=left', 'busybox', 'sleep', '1001'])
    const mounts = () => rt().out(['exec', 'stays', 'grep', '-c', ' /etc/hosts ', '/proc/self/mountinfo'])
    expect(await mounts()).toBe('1\n')
    await rt().out(['network', 'connect', 'right', 'stays'])
    await rt().out(['network', 'disconnect', 'left', 'stays'])
    expect(await mounts()).toBe('1\n')
    await rt().out(['network', 'rm', 'left'])
    await rt().out(['run', '-d', '--name=new', '--network=right', 'busybox', 'sleep', '1001'])
    expect(await resolve(rt(), 'stays', 'new')).toBe(await addressIn('new', 'right'))
    await rt().out(['rm', '-f', 'stays', 'new'])
    await rt().out(['network', 'rm', 'right'])
  })

  it('one that has unmounted its hosts file, as --privileged may, gets one of its own all the same', async () => {
    await rt().out(['network', 'create', 'more'])
    const args = ['run', '-d', '--name=free', '--privileged', '--network=bridge', 'busybox', 'sleep', '1001']
    await rt().out(args)
    await rt().out(['exec', 'free', 'umount', '/etc/hosts'])
    await rt().out(['network', 'connect', 'more', 'free'])
    expect(live(await hosts(rt(), 'free'))).toHaveLength(2)
    await rt().out(['rm', '-f', 'free'])
    await rt().out(['network', 'rm', 'more'])
  })

  it('an alias that is no name is refused', async () => {
    const args = ['run', '--rm', '--network=bridge', '--network-alias=a b', 'busybox', 'true']
    expect(await rt().complaint(args)).toMatchObject({ code: 'RT_USAGE', exitCode: 125 })
  })
})

describe.skipIf(cannotRun)('names after a crash', () => {
  const rt = useRt()

  it('of monitors: the next command takes their names away', async () => {
    const before = await rt().world.snapshot()
    await start(rt(), 'gone')
    await start(rt(), 'own', '--rm', '--own-hosts')
    await rt().host.sh("kill -9 $(ps -eo pid,args | awk '/[r]t-shim background/ {print $1}')")
    await until('nobody sleeps', async () => !(await rt().host.sh('ps ax')).includes('sleep 100'))
    expect(await known(rt())).not.toEqual([])
    expect(await rt().out(['ps', '-q'])).toBe('')
    expect(await known(rt())).toEqual([])
    expect(await files(rt())).toBe('/run/rt/hosts/bridge/bridge\n')
    await rt().out(['rm', 'gone'])
    await rt().world.expectNoLeaks(before)
  })

  it('in the middle of a start, at every step: the next command leaves no name', {
    timeout: patience(180_000),
  }, async () => {
    const before = await rt().world.snapshot()
    await start(rt(), 'stays')
    let step = 1
    for (; ; step++) {
      const args = ['run', '--rm', '--name=half', '--own-hosts', '--network=bridge', 'busybox', 'true']
      const { code } = await rt().run(args, { env: { RT_TEST_STOP_AT: String(step) } })
      if (code === 0) break
      expect(await rt().out(['ps', '-aq', '--filter=name=half']), `after step ${step}`).toBe('')
      expect(
        (await known(rt())).filter((line) => line.includes('half')),
        `after step ${step}`,
      ).toEqual([])
      expect(await files(rt()), `after step ${step}`).toBe('/run/rt/hosts/bridge/bridge\n')
    }
    expect(step).toBeGreaterThan(30)
    expect(await resolve(rt(), 'stays', 'stays')).toBe(await addressOf(rt(), 'stays'))
    await rt().out(['rm', '-f', 'stays'])
    await rt().world.expectNoLeaks(before)
  })

  it('of the machine: whatever was known is forgotten where the run root outlived it', async () => {
    await start(rt(), 'kept', '--restart=always')
    await rt().host.sh(
      "kill -9 $(ps -eo pid,args | awk '/[r]t-shim background/ {print $1}'); echo an earlier boot >/run/rt/boot",
    )
    await until('nobody sleeps', async () => !(await rt().host.sh('ps ax')).includes('sleep 100'))
    expect(await rt().out(['ps', '-q'])).toBe('')
    expect(await known(rt())).toEqual([])
    await rt().out(['rm', '-f', 'kept'])
  })
})

const LEASE = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	(void)argc;
	signal(SIGIO, SIG_IGN);
	int fd = open(argv[1], O_RDONLY), writable = open(argv[1], O_WRONLY);
	if (writable >= 0) close(writable);
	int lease = fcntl(fd, F_SETLEASE, writable >= 0 ? F_WRLCK : F_RDLCK);
	printf("lease: %d, lock: %d\\n", lease, flock(fd, LOCK_EX));
	fflush(stdout);
	for (;;) pause();
}
`
