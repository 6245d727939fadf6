import { afterEach, describe, expect, it } from 'vitest'
import { cannotRun, RT, type Rt, readComplaint, until, useRt } from './rt.ts'

const CHANGES = `echo more:x:7:7:::sh >>/etc/passwd; rm /etc/group; rm -r /home; mkdir /home; echo n >/home/new; echo x >/opt; ln /opt /linked; chown 5:6 /opt; chmod 4711 /opt
  rm -r /var; echo now-a-file >/var; mkdir /d; mkfifo /d/fifo; ln -s /etc /d/link`

/** What a container sees of what was changed. */
const LOOK =
  'tail -n 1 /etc/passwd; ls -d /etc/group 2>&1; ls -A /home; cat /var; stat -c "%a %u:%g %h" /opt; ls -l /d/link | sed "s/.*-> //"'
const SEEN = 'more:x:7:7:::sh\nls: /etc/group: No such file or directory\nnew\nnow-a-file\n4711 5:6 2\n/etc\n'

const config = async (rt: Rt, id: string) =>
  JSON.parse(await rt.host.read(`/var/lib/rt/images/configs/${id.trim().replace('sha256:', '')}.json`))

describe.skipIf(cannotRun)('rt commit', () => {
  const rt = useRt({ internet: false })
  const sh = (script: string) => rt().host.sh(script)
  const names = new Set<string>()
  const run = async (name: string, args: readonly string[], detached = false) => {
    names.add(name)
    await rt().out(['run', ...(detached ? ['-d'] : []), `--name=${name}`, '--network=none', ...args])
  }
  afterEach(async () => {
    if (names.size > 0) await rt().run(['rm', '-f', ...names])
    names.clear()
  })

  it.each(['overlay', 'copy'])(
    'makes an image whose containers see what was changed, under either driver: %s',
    async (storage) => {
      const started = await rt().world.snapshot()
      await run('box', [`--storage=${storage}`, 'busybox', 'sh', '-c', CHANGES])
      await rt().out(['commit', 'box', 'changed:1'])
      for (const driver of ['overlay', 'copy'])
        expect(
          await rt().out(['run', '--rm', '--network=none', `--storage=${driver}`, 'changed:1', 'sh', '-c', LOOK]),
          driver,
        ).toBe(SEEN)
      // And one more above it, which deletes what the one below brought.
      await run('second', [
        `--storage=${storage}`,
        'changed:1',
        'sh',
        '-c',
        'rm -r /home/new /d; echo second:x:8:8:::sh >>/etc/passwd',
      ])
      await rt().out(['commit', 'second', 'changed:2'])
      for (const driver of ['overlay', 'copy'])
        expect(
          await rt().out([
            'run',
            '--rm',
            '--network=none',
            `--storage=${driver}`,
            'changed:2',
            'sh',
            '-c',
            'tail -n 2 /etc/passwd; ls -A /home; ls -d /d 2>&1 || true',
          ]),
        ).toBe('more:x:7:7:::sh\nsecond:x:8:8:::sh\nls: /d: No such file or directory\n')
      await rt().out(['rm', '-f', 'box', 'second'])
      await rt().out(['rmi', 'changed:1'])
      expect(await rt().out(['run', '--rm', '--network=none', 'changed:2', 'cat', '/var'])).toBe('now-a-file\n')
      await rt().out(['rmi', 'changed:2'])
      await rt().world.expectNoLeaks(started)
      expect(await sh('ls /var/lib/rt/images/layers | grep -vc json; ls /var/lib/rt/images/tmp')).toBe('1\n')
    },
  )

  it('takes what it was run with, and the changes that are asked for, in either form', async () => {
    await run('conf', ['-e', 'A=1', '-e', 'PATH=/bin', '-w', '/tmp', '-u', '0:0', 'busybox', 'sh', '-c', 'true'])
    const plain = await config(rt(), await rt().out(['commit', 'conf']))
    expect(plain.config).toEqual({
      Cmd: ['sh', '-c', 'true'],
      Env: ['PATH=/bin', 'A=1'],
      WorkingDir: '/tmp',
      User: '0:0',
    })
    const changes = [
      'CMD ["cat", "/x"]',
      'ENTRYPOINT exec "$@"',
      'ENV B=2 C="two words"',
      'EXPOSE 80 53/udp',
      'LABEL a=b',
      'USER nobody',
      'WORKDIR sub',
      'STOPSIGNAL SIGINT',
      'VOLUME ["/data"]',
      'HEALTHCHECK --interval=5s CMD true',
      'ONBUILD RUN true',
    ]
    const flags = changes.flatMap((change) => ['-c', change])
    const id = await rt().out([
      'commit',
      '-a',
      'Ann <a@example.org>',
      '-m',
      'a message',
      ...flags,
      'conf',
      'host:5000/conf:x',
    ])
    const made = await config(rt(), id)
    expect(made.config).toEqual({
      Cmd: ['cat', '/x'],
      Entrypoint: ['/bin/sh', '-c', 'exec "$@"'],
      Env: ['PATH=/bin', 'A=1', 'B=2', 'C=two words'],
      ExposedPorts: { '80/tcp': {}, '53/udp': {} },
      Labels: { a: 'b' },
      User: 'nobody',
      WorkingDir: '/tmp/sub',
      StopSignal: 'SIGINT',
      Volumes: { '/data': {} },
      Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 5e9 },
      OnBuild: ['RUN true'],
    })
    expect(made.author).toBe('Ann <a@example.org>')
    expect(made.history.at(-1)).toMatchObject({
      comment: 'a message',
      author: 'Ann <a@example.org>',
      created_by: 'sh -c true',
    })
    expect(made.rootfs.diff_ids).toHaveLength(2)
    expect(await rt().out(['images'])).toMatch(/^host:5000\/conf +x /m)
    const fields = "-f '{{json .Config.Healthcheck}} {{json .Config.OnBuild}}'"
    const other = '--root=/var/lib/rt/other'
    expect(
      await sh(
        `${RT} image inspect ${fields} host:5000/conf:x; ${RT} save host:5000/conf:x | ${RT} load ${other} >/dev/null; ${RT} image inspect ${other} ${fields} host:5000/conf:x; rm -rf /var/lib/rt/other`,
      ),
    ).toBe('{"Test":["CMD-SHELL","true"],"Interval":5000000000} ["RUN true"]\n'.repeat(2))
    // What is to be done in a build upon the image is not handed on, as in Docker.
    await rt().out(['create', '--name=upon', '--network=none', 'host:5000/conf:x'])
    const upon = await config(rt(), await rt().out(['commit', 'upon', 'upon']))
    expect(upon.config).toMatchObject({ Healthcheck: { Interval: 5e9 } })
    expect(upon.config).not.toHaveProperty('OnBuild')
    await rt().out(['rm', '-v', 'conf', 'upon'])
    await rt().out(['rmi', 'upon', 'host:5000/conf:x'])
  })

  it('pauses a running container meanwhile, and lets it go on; one that was paused stays so', async () => {
    await run(
      'loop',
      ['busybox', 'sh', '-c', 'i=0; while :; do i=$((i+1)); echo $i >/a; cp /a /b; mv /b /n; done'],
      true,
    )
    const count = async () => Number(await sh(`${RT} cp loop:/n - | tar -xO`))
    await until('it counts', async () => (await rt().run(['cp', 'loop:/n', '-'])).code === 0)
    expect(await rt().out(['commit', 'loop', 'loop:1'])).toMatch(/^sha256:/)
    const first = await count()
    await until('it goes on', async () => (await count()) > first)
    await rt().out(['pause', 'loop'])
    await rt().out(['commit', 'loop', 'loop:1'])
    expect(await rt().out(['ps'])).toContain('(Paused)')
    await rt().out(['unpause', 'loop'])
    await rt().out(['rm', '-f', 'loop'])
    await rt().out(['rmi', 'loop:1'])
  })

  it('says what it cannot do, and leaves the store as it was', async () => {
    await run('box', ['busybox', 'true'])
    const store = () => sh('cd /var/lib/rt/images; find . | sort')
    const before = await store()
    for (const [args, code] of [
      [['nobody', 'x'], 'RT_CONTAINER_UNKNOWN'],
      [['box', 'Bad Name'], 'RT_IMAGE_REFERENCE'],
      [['-c', 'RUN x', 'box', 'x'], 'RT_USAGE'],
      [['-c', 'CMD ["x"', 'box', 'x'], 'RT_USAGE'],
    ] as const)
      expect(readComplaint(await rt().run(['commit', ...args]))).toMatchObject({ code, exitCode: 1 })
    expect(await store()).toBe(before)
  })

  it('killed while the container stands still: the next look lets it go on', async () => {
    await run(
      'still',
      ['busybox', 'sh', '-c', 'dd if=/dev/zero of=/big bs=1M count=200 2>/dev/null; : >/ready; exec sleep 1000'],
      true,
    )
    await until('it is ready', async () => (await rt().run(['cp', 'still:/ready', '-'])).code === 0)
    const commit = rt().spawn(['commit', 'still', 'still:1'])
    await until('it stands still', async () => (await rt().out(['ps'])).includes('(Paused)'))
    await commit.kill()
    await commit.exit
    expect(await rt().out(['ps'])).not.toContain('(Paused)')
    expect(await rt().out(['exec', 'still', 'echo', 'on'])).toBe('on\n')
    await rt().out(['pause', 'still'])
    expect(await rt().out(['ps'])).toContain('(Paused)')
    await rt().out(['rm', '-f', 'still'])
  })

  it('killed at any moment leaves a valid store: the old image or the new one, and nothing besides after the next', async () => {
    await run(
      'big',
      [
        'busybox',
        'sh',
        '-c',
        'for i in $(seq 400); do head -c 20000 /dev/urandom >/f$i; done; : >/ready; exec sleep 1000',
      ],
      true,
    )
    await until('it is ready', async () => (await rt().run(['cp', 'big:/ready', '-'])).code === 0)
    for (const after of [0.15, 0.25, 0.35, 0.5, 0.7, 1]) {
      await sh(`timeout -s KILL ${after} ${RT} commit --pause=false big killed:1 >/dev/null 2>&1 || true`)
      const { code, stdout } = await rt().run([
        'run',
        '--rm',
        '--network=none',
        'killed:1',
        'sh',
        '-c',
        'cat /f* | wc -c',
      ])
      if (code === 0) expect(stdout).toBe('8000000\n')
      else expect(await rt().out(['images'])).not.toContain('killed')
    }
    await rt().out(['commit', '--pause=false', 'big', 'whole:1'])
    expect(await rt().out(['run', '--rm', '--network=none', 'whole:1', 'sh', '-c', 'cat /f* | wc -c'])).toBe(
      '8000000\n',
    )
    expect(await sh('ls -A /var/lib/rt/images/tmp')).toBe('')
  })
})
