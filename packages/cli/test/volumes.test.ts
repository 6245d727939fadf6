import { beforeAll, describe, expect, it } from 'vitest'
import { madeImage } from './made-image.ts'
import { cannotRun, RT, readComplaint, until, useRt } from './rt.ts'

describe.skipIf(cannotRun)('volumes', () => {
  const rt = useRt({ internet: false })
  const run = (...words: string[]) => rt().out(['run', '--rm', '--network=none', ...words])
  const sh = (script: string, ...flags: string[]) => run(...flags, 'busybox', 'sh', '-c', script)
  const names = async (...flags: string[]) =>
    (await rt().out(['volume', 'ls', '-q', ...flags])).split('\n').filter(Boolean)
  const inspect = async (name: string) => JSON.parse(await rt().out(['inspect', name]))[0]

  beforeAll(async () => {
    await madeImage(
      rt(),
      'app',
      // A tree whose every attribute can be lost.
      `mkdir -p /srv/data/sub /srv/empty /run/real; ln -s /run/real /srv/link; echo linked >/run/real/file
       echo one >/srv/data/one; ln /srv/data/one /srv/data/two; ln -s one /srv/data/symbolic; mkfifo /srv/data/fifo
       echo deep >/srv/data/sub/deep; chown -R 12:34 /srv/data/sub; chmod 4750 /srv/data/one; chown 7:8 /srv/data; chmod 1770 /srv/data
       chown 9:9 /srv/empty; touch -d '2001-02-03 04:05:06' /srv/data/sub/deep; rm /etc/group`,
      'VOLUME /srv/data',
    )
    // What rt keeps beside volumes is there before anything is measured.
    await rt().out(['volume', 'create', 'keep'])
  })

  describe('the commands', () => {
    it('create, ls, inspect and rm, as in Docker', async () => {
      const before = await rt().world.snapshot()
      expect(await rt().out(['volume', 'create', '--label', 'a=1', '--label', 'b', 'data'])).toBe('data\n')
      // Once more is no error and changes nothing.
      expect(await rt().out(['volume', 'create', 'data'])).toBe('data\n')
      const unnamed = (await rt().out(['volume', 'create'])).trim()
      expect(unnamed).toMatch(/^[0-9a-f]{64}$/)
      expect(await rt().out(['volume', 'ls'])).toMatch(/^DRIVER +VOLUME NAME\n[\s\S]*^local +data$/m)
      expect(await names('--filter', 'label=a=1')).toEqual(['data'])
      expect(await names('--filter', 'label=a=2')).toEqual([])
      expect(await names('--filter', 'name=dat')).toEqual(['data'])
      expect(await rt().out(['volume', 'ls', '--filter', 'name=data', '--format', '{{.Name}} {Labels}'])).toBe(
        'data a=1,b=\n',
      )
      const [view] = JSON.parse(await rt().out(['volume', 'inspect', 'data']))
      expect(view).toMatchObject({
        Name: 'data',
        Driver: 'local',
        Scope: 'local',
        Options: null,
        Labels: { a: '1', b: '' },
        Mountpoint: '/var/lib/rt/volumes/data/_data',
        CreatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      })
      expect(JSON.parse(await rt().out(['volume', 'ls', '--json', '--filter', 'name=data']))).toEqual([view])
      expect(await rt().out(['volume', 'inspect', '-f', 'Mountpoint', 'data'])).toBe(`${view.Mountpoint}\n`)
      expect(await rt().out(['volume', 'rm', 'data', unnamed])).toBe(`data\n${unnamed}\n`)
      await rt().world.expectNoLeaks(before)
    })

    it.each<[string, string[], string, RegExp]>([
      ['a name with a slash', ['create', 'a/b'], 'RT_VOLUME_NAME_INVALID', /"a\/b" is not a valid volume name/],
      ['a name of one letter', ['create', 'a'], 'RT_VOLUME_NAME_INVALID', /"a"/],
      ['another driver', ['create', '-d', 'nfs', 'data'], 'RT_VOLUME_DRIVER', /no volume driver "nfs"/],
      ['an option', ['create', '-o', 'type=nfs', 'data'], 'RT_VOLUME_DRIVER', /"type=nfs"/],
      ['one that is not there', ['rm', 'kep'], 'RT_VOLUME_UNKNOWN', /No such volume: kep. Did you mean "keep"\?/],
      ['a path', ['inspect', '../images'], 'RT_VOLUME_UNKNOWN', /No such volume/],
      ['an unknown filter', ['ls', '--filter', 'lable=x'], 'RT_USAGE', /Did you mean "label"\?/],
    ])('refuses %s', async (_, words, code, says) => {
      const complaint = await rt().complaint(['volume', ...words])
      expect(complaint).toMatchObject({ code })
      expect(complaint.sentence).toMatch(says)
    })

    it('a volume that a container has stays, whether that runs or not, and the container is named', async () => {
      const before = await rt().world.snapshot()
      await rt().out(['create', '--name=idle', '--network=none', '-v', 'used:/data', 'busybox', 'true'])
      await rt().out(['run', '-d', '--name=busy', '--network=none', '-v', 'used:/data', 'busybox', 'sleep', '1001'])
      const remove = async () => readComplaint(await rt().run(['volume', 'rm', 'used']))
      expect(await remove()).toMatchObject({
        code: 'RT_VOLUME_IN_USE',
        exitCode: 1,
        sentence: expect.stringMatching(/busy/),
      })
      expect((await remove()).sentence).toMatch(/idle/)
      expect(await names('--filter', 'dangling=true')).not.toContain('used')
      await rt().out(['rm', '-f', '-v', 'busy'])
      expect((await remove()).sentence).toBe('The volume used is in use by the container idle')
      await rt().out(['rm', '-v', 'idle'])
      expect(await names('--filter', 'dangling=true')).toContain('used')
      expect(await rt().out(['volume', 'rm', 'used'])).toBe('used\n')
      await rt().world.expectNoLeaks(before)
    })

    it('prune takes unnamed volumes that nobody has, and the others only with --all; df counts them', async () => {
      const before = await rt().world.snapshot()
      const df = async () => JSON.parse(await rt().out(['system', 'df', '--json'])).volumes
      const at = await df()
      await sh('dd if=/dev/zero of=/a/x bs=1M count=2 2>/dev/null', '-v', 'named:/a')
      await rt().out(['run', '--name=left', '--network=none', '-v', '/anon', 'busybox', 'sh', '-c', 'echo x >/anon/x'])
      expect(await df()).toMatchObject({
        count: at.count + 2,
        active: at.active + 1,
        size: at.size + 2 ** 21 + 2,
        reclaimable: at.reclaimable + 2 ** 21,
      })
      expect(await rt().out(['system', 'df'])).toMatch(/^Local Volumes +3 +1 +2\.\d+MB +2\.\d+MB \(100%\)$/m)
      expect(await rt().out(['volume', 'prune', '-f'])).toBe('Total reclaimed space: 0B\n')
      // Without -v it stays behind, as in Docker.
      await rt().out(['rm', 'left'])
      expect(await rt().out(['volume', 'prune', '-f'])).toMatch(
        /^Deleted Volumes:\n[0-9a-f]{64}\n\nTotal reclaimed space: 2B\n$/,
      )
      await rt().out(['volume', 'create', '--label=keep', 'marked'])
      const all = await rt().out(['volume', 'prune', '-f', '--all', '--filter', 'label!=keep'])
      expect(all).toContain('\nnamed\n')
      expect(all).not.toContain('marked')
      expect(all).toMatch(/Total reclaimed space: 2\.\d+MB\n$/)
      await rt().out(['volume', 'rm', 'marked'])
      await rt().out(['volume', 'create', 'keep'])
      for (const words of [['prune'], ['system', 'prune']]) {
        await rt().out(['create', '--network=none', '-v', '/anon', 'busybox', 'true'])
        expect(await rt().out([...words, '-f', '--volumes'])).toMatch(/Deleted Volumes:\n[0-9a-f]{64}\n/)
      }
      await rt().world.expectNoLeaks(before)
    })
  })

  describe('a named volume', () => {
    it('is made by the first container, kept, and seen by all at once', async () => {
      const before = await rt().world.snapshot()
      await sh('echo first >/data/log', '-v', 'log:/data')
      expect(await sh('cat /other/log; touch /other/x 2>&1', '-v', 'log:/other:ro').catch(String)).toMatch(
        /first\n.*Read-only/,
      )
      const watcher = rt().spawn([
        'run',
        '--rm',
        '-i',
        '--network=none',
        '--mount=src=log,dst=/in',
        'busybox',
        'sh',
        '-c',
        'echo ready; read go; cat /in/log',
      ])
      await watcher.waitFor(/ready/)
      await sh('echo second >>/data/log', '-v', 'log:/data')
      watcher.write('\n')
      await watcher.exit
      expect(watcher.stdout).toBe('ready\nfirst\nsecond\n')
      expect(await rt().host.sh('cat /var/lib/rt/volumes/log/_data/log')).toBe('first\nsecond\n')
      await rt().out(['volume', 'rm', 'log'])
      await rt().world.expectNoLeaks(before)
    })

    it.each(['overlay', 'copy'])('%s: what the image has there is copied into it, faithfully', async (storage) => {
      const before = await rt().world.snapshot()
      const list = `cd /srv/data; stat -c '%n %a %u:%g %h %F' . * sub/*; cat two; stat -c %Y sub/deep`
      const image = await run(
        `--storage=${storage}`,
        '--mount=type=tmpfs,dst=/nothing',
        '--tmpfs=/srv/data/none',
        'app',
        'sh',
        '-c',
        'true',
      )
      expect(image).toBe('')
      const inVolume = await run(`--storage=${storage}`, '-v', 'copied:/srv/data', 'app', 'sh', '-c', list)
      expect(inVolume).toMatch(/^\. 1770 7:8 3 directory$/m)
      expect(inVolume).toMatch(/^one 4750 0:0 2 regular file$/m)
      expect(inVolume).toMatch(/^fifo 644 0:0 1 fifo$/m)
      expect(inVolume).toMatch(/^sub\/deep 644 12:34 1 regular file$/m)
      expect(inVolume).toMatch(/^one\n981173106$/m)
      // Only an empty one is filled: what was deleted stays so, for other containers too.
      await run('-v', 'copied:/srv/data', 'app', 'rm', '/srv/data/sub/deep')
      expect(await run('-v', 'copied:/srv/data', 'app', 'ls', '/srv/data/sub')).toBe('')
      await rt().out(['volume', 'rm', 'copied'])
      await rt().world.expectNoLeaks(before)
    })

    it('nothing of the kernel\u2019s is copied into one that is mounted there', async () => {
      for (const path of ['/sys/kernel', '/proc', '/dev'])
        expect(await run('-v', 'kernel:/other', '-v', `kernel:${path}`, 'app', 'ls', '/other')).toBe('')
      await rt().out(['volume', 'rm', 'kernel'])
    })

    it('a part that it does not have is told as such', async () => {
      await run('-v', 'parts:/x', 'app', 'true')
      const mount = '--mount=src=parts,dst=/x,volume-subpath=no/thing'
      expect(await rt().complaint(['run', '--rm', '--network=none', mount, 'app', 'true'])).toEqual({
        code: 'RT_MOUNT_SOURCE',
        sentence: expect.stringContaining('no/thing cannot be mounted at /x, because it is not in the volume'),
        remedy: expect.stringContaining('volume-subpath'),
        exitCode: 125,
      })
      await rt().out(['volume', 'rm', 'parts'])
    })

    it('nocopy leaves it empty; an empty directory gives its owner; links of the image lead nowhere but in it', async () => {
      expect(await run('-v', 'bare:/srv/data:nocopy', 'app', 'ls', '/srv/data')).toBe('')
      expect(await run('--mount=src=bare2,dst=/srv/data,volume-nocopy', 'app', 'ls', '/srv/data')).toBe('')
      expect(await run('-v', 'owned:/srv/empty', 'app', 'stat', '-c', '%u', '/srv/empty')).toBe('9\n')
      expect(await run('-v', 'linked:/srv/link', 'app', 'cat', '/run/real/file')).toBe('linked\n')
      await rt().out(['volume', 'rm', 'bare', 'bare2', 'owned', 'linked'])
    })

    it('an emptied one stays empty when its container starts again, and is filled for a new one', async () => {
      const before = await rt().world.snapshot()
      await rt().out([
        'run',
        '--name=again',
        '--network=none',
        '-v',
        'again:/srv/data',
        'app',
        'sh',
        '-c',
        'ls /srv/data; rm -rf /srv/data/*',
      ])
      await rt().out(['start', '-a', 'again'])
      expect(await rt().out(['logs', 'again'])).toBe('fifo\none\nsub\nsymbolic\ntwo\n')
      expect(await run('-v', 'again:/srv/data', 'app', 'ls', '/srv/data')).toContain('one')
      await rt().out(['rm', 'again'])
      await rt().out(['volume', 'rm', 'again'])
      await rt().world.expectNoLeaks(before)
    })

    it('many containers at once on a new volume: every one finds all of it', async () => {
      const before = await rt().world.snapshot()
      await madeImage(rt(), 'crowded', 'mkdir /bin2; for n in $(seq 500); do echo $n >/bin2/$n; done')
      const start = `${RT} run --rm --network=none -v crowd:/bin2 crowded sh -c 'ls /bin2 | wc -l'`
      const all = await rt().host.sh(`for n in 1 2 3 4; do ${start} & done; wait`)
      expect(all).toBe('500\n'.repeat(4))
      await rt().out(['volume', 'rm', 'crowd'])
      await rt().out(['rmi', 'crowded'])
      await rt().world.expectNoLeaks(before)
    })

    it('a copy that was killed is not taken for complete', async () => {
      await madeImage(
        rt(),
        'large',
        'mkdir /big; for n in $(seq 30); do dd if=/dev/zero of=/big/$n bs=1M count=2 2>/dev/null; done; echo end >/big/zz',
      )
      const before = await rt().world.snapshot()
      const volume = '/var/lib/rt/volumes/cut'
      let cut = false
      for (let attempt = 0; attempt < 5 && !cut; attempt++) {
        // Killed as soon as it copies; the kernel takes the container's first process along.
        await rt().host.sh(
          `${RT} run --rm --network=none -v cut:/big large true & pid=$!
           while [ ! -e ${volume}/filling ] && kill -0 $pid; do :; done; kill -9 $pid; wait $pid || true`,
        )
        await rt().out(['ps'])
        cut = (await rt().host.sh(`ls ${volume}`)).includes('filling')
        if (!cut) await rt().out(['volume', 'rm', 'cut'])
      }
      expect(cut, 'never killed in the middle of a copy').toBe(true)
      const complete = await run('-v', 'cut:/big', 'large', 'sh', '-c', 'cat /big/zz; du -s /big | cut -f 1')
      expect(complete).toMatch(/^end\n61\d{3}\n$/)
      expect(await rt().host.sh(`ls ${volume}`)).not.toContain('filling')
      await rt().out(['volume', 'rm', 'cut'])
      await rt().world.expectNoLeaks(before)
      await rt().out(['rmi', 'large'])
    })
  })

  describe('a volume without a name', () => {
    it('VOLUME of an image: filled, and gone with --rm', async () => {
      const before = await rt().world.snapshot()
      expect(await run('app', 'sh', '-c', 'ls /srv/data; grep -c /srv/data /proc/mounts')).toBe(
        'fifo\none\nsub\nsymbolic\ntwo\n1\n',
      )
      // Also of one that fails to start.
      expect((await rt().run(['run', '--network=none', 'app', 'nothing'])).code).toBe(127)
      await rt().world.expectNoLeaks(before)
    })

    it('stays with its container through starts, and goes with rm -v', async () => {
      const before = await rt().world.snapshot()
      await rt().out([
        'create',
        '--name=own',
        '--network=none',
        '-v',
        '/extra',
        'app',
        'sh',
        '-c',
        'echo x >>/srv/data/log; cat /srv/data/log /extra/log 2>/dev/null; echo y >/extra/log',
      ])
      await rt().out(['start', '-a', 'own']).catch(String)
      expect(await rt().out(['start', '-a', 'own'])).toBe('x\nx\ny\n')
      const { Mounts, Config, HostConfig } = await inspect('own')
      expect(Mounts).toEqual(
        ['/srv/data', '/extra'].map((Destination) => ({
          Type: 'volume',
          Name: expect.stringMatching(/^[0-9a-f]{64}$/),
          Source: expect.stringMatching(/^\/var\/lib\/rt\/volumes\/[0-9a-f]{64}\/_data$/),
          Destination,
          Driver: 'local',
          Mode: '',
          RW: true,
          Propagation: '',
        })),
      )
      expect(Config.Volumes).toEqual({ '/srv/data': {}, '/extra': {} })
      expect(HostConfig.Binds).toBeNull()
      await rt().out(['rm', '-v', 'own'])
      await rt().world.expectNoLeaks(before)
    })

    it("the user's own mount takes its place", async () => {
      const before = await rt().world.snapshot()
      await rt().host.write('/root/mine/file', 'mine\n')
      expect(await run('-v', '/root/mine:/srv/data', 'app', 'ls', '/srv/data')).toBe('file\n')
      expect(await run('--tmpfs', '/srv/data', 'app', 'ls', '/srv/data')).toBe('')
      await rt().world.expectNoLeaks(before)
    })

    it('goes with the last of those that have it, whichever ends first', async () => {
      const before = await rt().world.snapshot()
      const start = (name: string, ...flags: string[]) =>
        rt().out(['run', '-d', '--rm', `--name=${name}`, '--network=none', ...flags, 'app', 'sleep', '1001'])
      await start('giver')
      await start('taker', '--volumes-from=giver')
      await rt().out(['rm', '-f', 'giver'])
      expect(await rt().out(['exec', 'taker', 'cat', '/srv/data/one'])).toBe('one\n')
      const [volume = ''] = (await names()).filter((name) => name.length === 64)
      expect(volume).not.toBe('')
      await rt().out(['rm', '-f', 'taker'])
      await until('the volume has gone', async () => !(await names()).includes(volume))
      await rt().world.expectNoLeaks(before)
    })
  })

  it('--volumes-from takes volumes and bind mounts, read-only where asked for', async () => {
    const before = await rt().world.snapshot()
    await rt().host.write('/root/bound/file', 'bound\n')
    await rt().out([
      'create',
      '--name=from',
      '--network=none',
      '-v',
      'shared:/named',
      '-v',
      '/root/bound:/bound',
      '--tmpfs=/tmpfs',
      'app',
      'true',
    ])
    const look =
      'cat /bound/file; ls /srv/data; touch /named/x /bound/x 2>&1 | sed "s/.*: //"; grep -c "tmpfs /tmpfs" /proc/mounts || true'
    expect(await sh(look, '--volumes-from', 'from')).toBe('bound\n0\n')
    expect(await sh(look, '--volumes-from', 'from:ro')).toBe('bound\nRead-only file system\nRead-only file system\n0\n')
    expect(await sh('ls /bound', '--volumes-from', 'from', '-v', '/bound')).toBe('')
    expect(readComplaint(await rt().run(['run', '--volumes-from', 'frmo', 'busybox']))).toMatchObject({
      code: 'RT_CONTAINER_UNKNOWN',
    })
    expect(readComplaint(await rt().run(['run', '--volumes-from', 'from:r', 'busybox'])).sentence).toMatch(
      /"r" is neither ro nor rw/,
    )
    await rt().out(['rm', '-v', 'from'])
    await rt().out(['volume', 'rm', 'shared'])
    await rt().world.expectNoLeaks(before)
  })
})
