import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cannotRun, readComplaint, useRt } from './rt.ts'

/** What a container of an image of `count` layers sees, by make-layers.mjs. */
const LOOK = 'for f in /f* /top /d/* /o/*; do echo "$f"; done; read top </top; echo "$top"'
const seen = (count: number): string => {
  const numbers = Array.from({ length: count }, (_, n) => n)
  const files = numbers.filter((n) => !(n % 10 === 4 && n + 1 < count)).map((n) => `/f${n}`)
  // As a shell sorts them.
  return `${[...files.sort(), '/top', '/d/*', '/o/new', String(count - 1)].join('\n')}\n`
}

describe.skipIf(cannotRun)('images of many layers', () => {
  const rt = useRt({ internet: false })
  const make = (count: number) =>
    rt().host.run([process.execPath, join(import.meta.dirname, 'make-layers.mjs'), `/root/l${count}`, String(count)])

  for (const count of [60, 127, 200])
    for (const storage of ['overlay', 'copy'])
      it(`${count} layers by ${storage}: the topmost wins, whiteouts and opaque directories count`, async () => {
        if (storage === 'overlay') await make(count)
        const words = ['run', '--rm', '--network=none', `--storage=${storage}`, `/root/l${count}`]
        expect(await rt().out([...words, '/bin/sh', '-c', LOOK])).toBe(seen(count))
      })

  it('what a container of 200 changed is found above, committed as the next layer, copied in and out', async () => {
    await rt().out([
      'run',
      '--name=box',
      '--network=none',
      '/root/l200',
      '/bin/sh',
      '-c',
      'echo changed >/top; echo new >/d/new',
    ])
    expect(await rt().out(['diff', 'box'])).toBe('C /d\nA /d/new\nC /top\n')
    await rt().host.sh('echo from the host >/root/file')
    await rt().out(['cp', '/root/file', 'box:/f7'])
    expect(await rt().host.sh(`${process.execPath} -e 0; cat /var/lib/rt/containers/*/upper/f7`)).toBe(
      'from the host\n',
    )
    const id = (await rt().out(['commit', 'box', 'more:1'])).trim()
    const [image] = JSON.parse(await rt().out(['image', 'inspect', id]))
    expect(image.RootFS.Layers).toHaveLength(201)
    const read = 'read a </top; read b </f7; read c </d/new; echo "$a, $b, $c"'
    expect(await rt().out(['run', '--rm', '--network=none', 'more:1', '/bin/sh', '-c', read])).toBe(
      'changed, from the host, new\n',
    )
    await rt().out(['rm', 'box'])
  })

  it('500, the most that overlayfs stacks, and one more is said to be too many', async () => {
    await make(500)
    expect(await rt().out(['run', '--rm', '--network=none', '/root/l500', '/bin/sh', '-c', LOOK])).toBe(seen(500))
    await make(501)
    const complaint = readComplaint(await rt().run(['run', '--rm', '--network=none', '/root/l501']))
    expect(complaint).toMatchObject({ code: 'RT_STORAGE_OVERLAY', remedy: expect.stringContaining('--storage=copy') })
  })

  it('what goes with its end is not written to disk before its time', async () => {
    const root = [
      'run',
      '--network=none',
      'busybox',
      'sh',
      '-c',
      'grep " / overlay" /proc/mounts | grep -c volatile || true',
    ]
    expect(await rt().out([...root.slice(0, 1), '--rm', ...root.slice(1)])).toBe('1\n')
    expect(await rt().out([...root.slice(0, 1), '--name=kept', ...root.slice(1)])).toBe('0\n')
    await rt().out(['rm', 'kept'])
  })
})
