import { beforeAll, describe, expect, it } from 'vitest'
import { madeImage } from './made-image.ts'
import { cannotRun, useRt, warmNetworks } from './rt.ts'

describe.skipIf(cannotRun)("an image's config", () => {
  const rt = useRt({ internet: false })
  const run = (...words: string[]) => rt().out(['run', '--rm', '--network=none', ...words])

  beforeAll(() =>
    madeImage(
      rt(),
      'service',
      `echo 'app:x:1234:2000:App:/srv/home:/bin/sh' >>/etc/passwd; printf 'own:x:2000:\\nextra:x:3000:nobody,app\\nother:x:4000:\\n' >>/etc/group
       mkdir -p /srv/home /data; echo new >/data/file; chown app /data
       printf '#!/bin/sh\\necho "entered: $*"; exec "$@"\\n' >/bin/entry; chmod 755 /bin/entry`,
      'ENTRYPOINT ["entry"]',
      'CMD ["sh", "-c", "id; pwd; echo $GREETING; echo $HOME; stat -c %U /data; touch /data/mine && cat /data/file"]',
      'ENV GREETING="good day"',
      'USER app',
      'WORKDIR /not/yet',
      'EXPOSE 80 53/udp',
      'VOLUME /data',
      'STOPSIGNAL SIGUSR1',
      'LABEL role=service',
    ),
  )

  it('says what runs, as whom, where, with which environment, groups and volumes', async () => {
    const before = await rt().world.snapshot()
    const [entered, ...rest] = (await run('service')).split('\n')
    expect(entered).toMatch(/^entered: sh -c id; pwd/)
    expect(rest).toEqual([
      'uid=1234(app) gid=2000(own) groups=2000(own),3000(extra)',
      '/not/yet',
      'good day',
      '/srv/home',
      'app',
      'new',
      '',
    ])
    await rt().world.expectNoLeaks(before)
  })

  it("gives way to the user's words, each by itself", async () => {
    const flags = ['-u', 'nobody:other', '-w', '/', '-e', 'GREETING=hi']
    const out = await run(...flags, 'service', 'sh', '-c', 'id -u; id -G; pwd; echo $GREETING')
    expect(out).toMatch(/^entered: sh -c .*\n\d+\n4000\n\/\nhi\n$/)
    expect(await run('--entrypoint=id', 'service', '-g')).toBe('2000\n')
    expect(await run('-u', '1234', 'service', 'id', '-G')).toBe('entered: id -G\n2000 3000\n')
  })

  it('is shown by inspect; -P publishes its ports; stop sends its signal; ps finds its label', async () => {
    await warmNetworks(rt(), 'bridge')
    const before = await rt().world.snapshot()
    const trap = 'trap "echo told; exit 5" USR1; echo up; while :; do sleep 0.1; done'
    await rt().out(['run', '-d', '--name=box', '-P', '--network=bridge', 'service', 'sh', '-c', trap])
    const [{ Config, NetworkSettings, Mounts }] = JSON.parse(await rt().out(['inspect', 'box']))
    expect(Config).toMatchObject({
      User: 'app',
      WorkingDir: '/not/yet',
      Entrypoint: ['entry'],
      ExposedPorts: { '80/tcp': {}, '53/udp': {} },
      Volumes: { '/data': {} },
      StopSignal: 'SIGUSR1',
      Labels: { role: 'service' },
    })
    expect(Object.keys(NetworkSettings.Ports).sort()).toEqual(['53/udp', '80/tcp'])
    expect(Mounts).toMatchObject([{ Type: 'volume', Destination: '/data' }])
    await rt().out(['stop', 'box'])
    expect(await rt().out(['inspect', '-f', 'State.ExitCode', 'box'])).toBe('5\n')
    expect(await rt().out(['logs', 'box'])).toMatch(/told\n$/)
    expect(await rt().out(['ps', '-aq', '--filter', 'label=role=service'])).not.toBe('')
    await rt().out(['rm', '-v', 'box'])
    await rt().world.expectNoLeaks(before)
  })
})
