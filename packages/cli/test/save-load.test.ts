import { describe, expect, it } from 'vitest'
import { cannotRun, RT, readComplaint, useRt } from './rt.ts'

describe.skipIf(cannotRun)('rt save and rt load', () => {
  const rt = useRt({ internet: false })
  const sh = (script: string) => rt().host.sh(script)
  const say = async (image: string) =>
    rt().out(['run', '--rm', '--network=none', '--pull=never', image, 'cat', '/said'])

  it('a pipe and a file bring images with several layers and names to another store, where they run', async () => {
    await rt().out(['run', '--name=box', '--network=none', 'busybox', 'sh', '-c', 'echo hello >/said'])
    await rt().out(['commit', 'box', 'made:1'])
    await rt().out(['tag', 'made:1', 'host:5000/team/made:2'])
    await rt().out(['rm', 'box'])
    const [id] = (await rt().out(['images', '-q'])).split('\n')
    await rt().out(['save', '-o', '/root/all.tar', 'made:1', 'host:5000/team/made:2', 'busybox'])
    expect(await sh('stat -c %a /root/all.tar')).toBe('600\n')
    expect(await sh(`${RT} save --format=oci-archive made:1 | gzip | ${RT} load --root=/var/lib/rt/other`)).toBe(
      'Loaded image: made:1\n',
    )
    expect(
      await rt().out(['run', '--root=/var/lib/rt/other', '--rm', '--network=none', 'made:1', 'cat', '/said']),
    ).toBe('hello\n')
    await rt().out(['image', 'prune', '-af'])
    expect(await rt().out(['images', '-q'])).toBe('')
    expect(await rt().out(['load', '-i', '/root/all.tar'])).toBe(
      'Loaded image: made:1\nLoaded image: host:5000/team/made:2\nLoaded image: busybox:latest\n',
    )
    expect(await rt().out(['images', '-q'])).toContain(id)
    for (const name of ['made:1', 'host:5000/team/made:2']) expect(await say(name)).toBe('hello\n')
    expect(await sh(`${RT} load -q </root/all.tar`)).toBe('made:1\nhost:5000/team/made:2\nbusybox:latest\n')
  })

  it('says what it cannot do, and leaves neither file nor image', async () => {
    expect(readComplaint(await rt().run(['save', '-o', '/root/none.tar', 'missing'])).code).toBe('RT_IMAGE_UNKNOWN')
    expect(await sh('ls -A /root | grep -c none || true')).toBe('0\n')
    expect(readComplaint(await rt().run(['load', '-i', '/no/such/file']))).toMatchObject({
      code: 'RT_USAGE',
      exitCode: 1,
    })
    const before = await rt().out(['images', '-q'])
    expect(readComplaint(await rt().run(['load'], { input: 'this is no archive'.repeat(100) })).code).toBe(
      'RT_ARCHIVE_CORRUPT',
    )
    expect(await rt().out(['images', '-q'])).toBe(before)
    expect(await sh('ls -A /var/lib/rt/images/tmp')).toBe('')
  })

  it('killed at any moment leaves a store in which everything works', async () => {
    await rt().host.sh(
      `${RT} run --name=big --network=none busybox sh -c 'for i in $(seq 300); do head -c 20000 /dev/urandom >/f$i; done'; ${RT} commit big big:1; ${RT} save -o /root/big.tar big:1; ${RT} rm big; ${RT} rmi big:1`,
    )
    for (const after of [0.15, 0.25, 0.35, 0.5, 0.7]) {
      await sh(`timeout -s KILL ${after} ${RT} load -i /root/big.tar >/dev/null 2>&1 || true`)
      const { code, stdout } = await rt().run([
        'run',
        '--rm',
        '--network=none',
        '--pull=never',
        'big:1',
        'sh',
        '-c',
        'cat /f* | wc -c',
      ])
      if (code === 0) expect(stdout).toBe('6000000\n')
    }
    await rt().out(['load', '-i', '/root/big.tar'])
    await rt().out(['image', 'prune', '-af'])
    expect(await sh('find /var/lib/rt/images -type f -printf "%f\\n" | sort')).toBe('index.json\nlock\noci-layout\n')
    expect(JSON.parse(await rt().out(['system', 'df', '--json'])).images.size).toBe(0)
  })
})
