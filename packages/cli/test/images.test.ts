import { beforeAll, describe, expect, it } from 'vitest'
import { cannotRun, useRt } from './rt.ts'

describe.skipIf(cannotRun)('rt images, rmi and history', () => {
  const rt = useRt({ internet: false })
  const names = async (...args: string[]) =>
    (await rt().out(['images', '--format={{.Repository}}:{{.Tag}}', ...args])).split('\n').filter(Boolean).sort()

  beforeAll(async () => {
    await rt().out(['create', '--name=box', '--network=none', 'busybox'])
    await rt().out(['commit', '-c', 'LABEL kind=app', '-c', 'LABEL size=big', 'box', 'host:5000/team/app:1'])
    await rt().out(['tag', 'host:5000/team/app:1', 'app:2'])
    await rt().out(['tag', 'host:5000/team/app:1', 'app:3'])
    await rt().out(['commit', 'box'])
    await rt().out(['rm', 'box'])
  })

  it('by name, which may be a pattern, and by filters', async () => {
    expect(await names()).toEqual(['<none>:<none>', 'app:2', 'app:3', 'busybox:latest', 'host:5000/team/app:1'])
    expect(await names('-a')).toHaveLength(5)
    expect(await names('app')).toEqual(['app:2', 'app:3'])
    expect(await names('app:2')).toEqual(['app:2'])
    expect(await names('a[o-q]p:?')).toEqual(['app:2', 'app:3'])
    expect(await names('*app')).toEqual(['app:2', 'app:3'])
    expect(await names('*/*/app')).toEqual(['host:5000/team/app:1'])
    expect(await names('nothing')).toEqual([])
    expect(await names('--filter=dangling=true')).toEqual(['<none>:<none>'])
    expect(await names('--filter=dangling=0', 'app')).toEqual(['app:2', 'app:3'])
    expect(await names('-f', 'reference=app:2', '-f', 'reference=busybox')).toEqual(['app:2', 'busybox:latest'])
    expect(await names('-f', 'label=kind=app', '-f', 'label=size', 'app:2')).toEqual(['app:2'])
    expect(await names('-f', 'label=constructor')).toEqual([])
    expect(await names('-f', 'label!=kind')).toEqual(['<none>:<none>', 'busybox:latest'])
    expect(await names('-f', 'before=app:2')).toEqual(['busybox:latest'])
    expect(await names('-f', 'since=app:2')).toEqual(['<none>:<none>'])
    expect(await names('-f', 'until=1h')).toEqual(['busybox:latest'])
  })

  it('refuses what it does not know', async () => {
    for (const filter of ['dangling=maybe', 'nope=1', 'dangling'])
      expect(await rt().complaint(['images', '-f', filter])).toMatchObject({ code: 'RT_USAGE' })
    expect(await rt().complaint(['images', '-f', 'before=nope'])).toMatchObject({ code: 'RT_IMAGE_UNKNOWN' })
    expect(await rt().complaint(['images', '--format={{.Nope}}'])).toMatchObject({ code: 'RT_USAGE' })
  })

  it('whole ids, digests and formats', async () => {
    expect(await rt().out(['images', '-q', '--no-trunc', 'busybox'])).toMatch(/^sha256:[0-9a-f]{64}\n$/)
    expect(await rt().out(['images', '--digests', 'app:2'])).toMatch(
      /^REPOSITORY +TAG +DIGEST +IMAGE ID +CREATED +SIZE\napp +2 +(<none>|sha256:[0-9a-f]{64}) +[0-9a-f]{12} /,
    )
    expect(JSON.parse(await rt().out(['images', '--format=json', 'app:2']))).toMatchObject({
      Repository: 'app',
      Tag: '2',
    })
    expect(await rt().out(['history', '--format={{.Size}}|{{.CreatedBy}}', 'busybox'])).toMatch(/^[\d.]+MB\|/)
  })

  it('system df --format', async () => {
    expect(await rt().out(['system', 'df', '--format={{.Type}}: {{.TotalCount}}'])).toMatch(
      /^Images: \d+\nContainers: 0\n/,
    )
    expect(await rt().out(['system', 'df'])).toMatch(/^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE\nImages +\d+ +0 /)
  })

  it('an id goes with the names of one repository; of several only by force', async () => {
    const id = (await rt().out(['images', '-q', 'app:2'])).trim()
    const several = await rt().complaint(['rmi', id])
    expect(several).toMatchObject({ code: 'RT_IMAGE_IN_USE', exitCode: 1 })
    expect(several.sentence).toContain('app:2, app:3, host:5000/team/app:1')
    await rt().out(['rmi', 'host:5000/team/app:1'])
    expect(await rt().out(['rmi', `sha256:${id}`])).toMatch(/^Untagged: app:2\nUntagged: app:3\nDeleted: sha256:/)
  })

  it('-f takes the name of an image that a container is made of, and takes what is gone for gone', async () => {
    await rt().out(['tag', 'busybox', 'used:1'])
    await rt().out(['rmi', 'busybox'])
    await rt().out(['run', '-d', '--name=user', '--network=none', 'used:1', 'sleep', '1000'])
    expect(await rt().complaint(['rmi', 'used:1'])).toMatchObject({ code: 'RT_IMAGE_IN_USE' })
    expect(await rt().out(['rmi', '-f', 'used:1'])).toBe('Untagged: used:1\n')
    expect(await rt().out(['exec', 'user', 'echo', 'goes on'])).toBe('goes on\n')
    const id = (await rt().out(['inspect', '-f', '{{.Image}}', 'user'])).trim()
    expect(await rt().complaint(['rmi', '-f', id])).toMatchObject({ code: 'RT_IMAGE_IN_USE' })
    await rt().out(['restart', '-t0', 'user'])
    await rt().out(['tag', id, 'busybox'])

    for (const command of ['rmi', 'rm']) {
      const { code, stderr } = await rt().run([command, '-f', 'nobody'])
      expect(code).toBe(0)
      expect(stderr).toContain('nobody')
      expect((await rt().run([command, 'nobody'])).code).toBe(1)
    }
    await rt().out(['rm', '-f', 'user'])
  })

  it('image prune --filter', async () => {
    expect(await rt().out(['image', 'prune', '-f', '--filter=until=1h'])).toBe('Total reclaimed space: 0B\n')
    expect(await rt().out(['image', 'prune', '-f', '--filter=label!=kind'])).toContain('Deleted Images:')
    expect(await names()).toEqual(['busybox:latest'])
  })
})
