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

  it('without anybody to ask it removes nothing', async () => {
    await rt().out(['create', '--name=new', '--network=none', 'busybox', 'true'])
    expect(readComplaint(await rt().run(['prune'], { input: 'y\n' }))).toMatchObject({ code: 'RT_USAGE', exitCode: 1 })
    expect(await rt().out(['ps', '-aq'])).not.toBe('')
    await rt().out(['rm', 'new'])
  })
})
