import { describe, expect, it } from 'vitest'
import { cannotRun, readComplaint, useRt } from './rt.ts'

describe.skipIf(cannotRun)('prune', () => {
  const rt = useRt()

  const make = async (): Promise<string[]> => {
    await rt().out(['run', '-d', '--name=live', '--network=none', 'busybox', 'sleep', '1001'])
    await rt().run([
      'run',
      '--name=ended',
      '--network=none',
      'busybox',
      'sh',
      '-c',
      'dd if=/dev/zero of=/big bs=1M count=3 2>/dev/null; ln /big /again; exit 3',
    ])
    await rt().out(['create', '--name=new', '--network=none', 'busybox', 'true'])
    const ids = (await rt().out(['inspect', 'ended', 'new'])).match(/(?<="Id": ")[0-9a-f]{64}/g)
    return ids ?? []
  }

  it.each([['prune'], ['container', 'prune']])(
    '%s %s -f: everything that does not live, with ids and space',
    async (...words) => {
      const before = await rt().world.snapshot()
      const ids = await make()
      const lines = (await rt().out([...words.filter(Boolean), '-f'])).trimEnd().split('\n')
      expect(lines[0]).toBe('Deleted Containers:')
      expect(lines.slice(1, 3).sort()).toEqual([...ids].sort())
      // Hard links count once, and the records are small.
      expect(lines.slice(3).join('\n')).toMatch(/^\nTotal reclaimed space: 3\.\d+MB$/)
      expect(await rt().out(['ps', '-a'])).toMatch(/live/)
      expect((await rt().out(['ps', '-aq'])).trim().split('\n')).toHaveLength(1)
      expect(await rt().out(['prune', '-f'])).toBe('Total reclaimed space: 0B\n')
      await rt().out(['rm', '-f', 'live'])
      await rt().world.expectNoLeaks(before)
    },
  )

  it('system df -v: every image, container, volume, and what builds have kept', async () => {
    await rt().run([
      'run',
      '--name=box',
      '-v',
      'kept:/kept',
      '--network=none',
      'busybox',
      'sh',
      '-c',
      'head -c 3000000 /dev/zero | tee /kept/a >/b',
    ])
    await rt().out(['commit', 'box', 'made:1'])
    const tables = (await rt().out(['system', 'df', '-v'])).split('\n\n')
    expect(tables.filter((_, index) => index % 2 === 0)).toEqual([
      'Images space usage:',
      'Containers space usage:',
      'Local Volumes space usage:',
      'Build cache usage: 0B\n',
    ])
    const [, images = '', , containers = '', , volumes = ''] = tables
    // Of the layers of made:1 busybox has all but its own of 3 MB.
    expect(images).toMatch(/^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE +SHARED SIZE +UNIQUE SIZE +CONTAINERS$/m)
    expect(images).toMatch(/^busybox +latest +[0-9a-f]{12} +.* ago +(\S+) +\1 +0B +1$/m)
    expect(images).toMatch(/^made +1 +[0-9a-f]{12} +.* ago +\S+ +\S+ +3\.\d+MB +0$/m)
    expect(containers).toMatch(/^[0-9a-f]{12} +busybox +"sh -c .*" +1 +3\.\d+MB +.* ago +Exited \(0\) .* ago +box$/m)
    expect(volumes).toBe('VOLUME NAME   LINKS   SIZE\nkept          1       3MB')
    expect(JSON.parse(await rt().out(['system', 'df', '-v', '--json'])).volumes).toEqual([
      { name: 'kept', links: 1, size: 3_000_000 },
    ])
    await rt().out(['rm', 'box'])
    await rt().out(['volume', 'rm', 'kept'])
    await rt().out(['rmi', 'made:1'])
  })

  it('asks on a terminal, and takes only a yes', async () => {
    await rt().out(['create', '--name=new', '--network=none', 'busybox', 'true'])
    for (const [answer, left] of [
      ['n\n', 1],
      ['\n', 1],
      ['y\n', 0],
    ] as const) {
      const terminal = rt().pty(['prune'])
      await terminal.waitFor(/\[y\/N\]/)
      terminal.write(answer)
      expect(await terminal.exit).toMatchObject({ code: 0 })
      expect((await rt().out(['ps', '-aq'])).split('\n').length - 1).toBe(left)
    }
  })

  it('--filter: until, label and label!, for containers and networks', async () => {
    const create = (...words: string[]) => rt().out(['create', '--network=none', ...words, 'busybox', 'true'])
    await create('--name=a', '--label=keep=yes')
    await create('--name=b', '--label=keep=no')
    await create('--name=c')
    const names = async () => (await rt().out(['ps', '-a', '--format', '{Names}'])).split('\n').filter(Boolean).sort()
    const prune = (...filters: string[]) => rt().out(['prune', '-f', ...filters.flatMap((text) => ['--filter', text])])
    await prune('until=1h')
    expect(await names()).toEqual(['a', 'b', 'c'])
    await prune('label=keep=no')
    expect(await names()).toEqual(['a', 'c'])
    await prune('label!=keep', 'until=0s')
    expect(await names()).toEqual(['a'])
    for (const bad of ['until=soon', 'status=exited', 'label'])
      expect(await rt().complaint(['prune', '-f', '--filter', bad])).toMatchObject({ code: 'RT_USAGE' })
    await prune()

    await rt().out(['network', 'create', '--label=keep', 'kept'])
    await rt().out(['network', 'create', 'other'])
    expect(await rt().out(['network', 'prune', '-f', '--filter', 'label!=keep'])).toBe('Deleted Networks:\nother\n')
    expect(await rt().out(['network', 'prune', '-f', '--filter', 'until=1h'])).toBe('')
    expect(await rt().out(['network', 'prune', '-f', '--filter', 'label=keep'])).toBe('Deleted Networks:\nkept\n')
  })

  it('without anybody to ask it removes nothing', async () => {
    await rt().out(['create', '--name=new', '--network=none', 'busybox', 'true'])
    expect(readComplaint(await rt().run(['prune'], { input: 'y\n' }))).toMatchObject({ code: 'RT_USAGE', exitCode: 1 })
    expect(await rt().out(['ps', '-aq'])).not.toBe('')
    await rt().out(['rm', 'new'])
  })
})
