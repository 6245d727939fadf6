import { gzipSync } from 'node:zlib'
import { createWorld } from '@rt/test-world'
import { describe, expect, it } from 'vitest'
import { archive, type Fields, member } from '../../images/test/archive.ts'
import { cannotRun, RT, Rt, readComplaint, useRt } from './rt.ts'

const file = (name: string, rest: Fields = {}): Buffer => member({ name, content: 'evil', ...rest })
const directory = (name: string): Buffer => member({ name, type: '5', mode: 0o755 })
const symlink = (name: string, link: string): Buffer => member({ name, type: '2', link, mode: 0o777 })
const hardlink = (name: string, link: string): Buffer => member({ name, type: '1', link })

const good = archive(directory('bin/'), file('bin/a', { content: 'x'.repeat(50_000) }), file('etc-passwd'))

const HOSTILE: readonly [what: string, data: Buffer][] = [
  ['a path with ..', archive(file('../../victim'))],
  ['a path with .. in the middle', archive(directory('a/'), file('a/../../victim'))],
  ['a file below an absolute link', archive(symlink('out', '/root'), file('out/victim'))],
  ['a file below a link upwards', archive(symlink('out', '../../../../../../root'), file('out/victim'))],
  ['a hard link through a link', archive(symlink('out', '/root'), hardlink('mine', 'out/victim'))],
]

const CORRUPT: readonly [what: string, data: Buffer][] = [
  // An absolute target means the archive's own root, where there is no such file.
  ['a hard link to a file of the host', archive(hardlink('mine', '/root/victim'))],
  ['a truncated gzip', gzipSync(good, { level: 0 }).subarray(0, 20_000)],
  ['a gzip with a wrong checksum', Buffer.concat([gzipSync(good).subarray(0, -8), Buffer.alloc(8, 7)])],
  ['a truncated tar', good.subarray(0, 20_000)],
  ['what is no archive', Buffer.from('This is not a tarball, but long enough to be looked at.'.repeat(40))],
  ['nothing at all', Buffer.alloc(0)],
  ['a header with a wrong checksum', Buffer.concat([file('a').fill('9', 148, 154), Buffer.alloc(1024)])],
]

describe.skipIf(cannotRun)('rt import', () => {
  const rt = useRt({ internet: false })

  it('applies changes, keeps a message, and makes an image that runs so', async () => {
    const id = await rt().host.sh(
      `tar -C / -c bin/busybox | ${RT} import -m 'a shell alone' -c 'ENV WHO=me' -c 'LABEL a=b' --change 'ENTRYPOINT ["/bin/busybox"]' -c 'CMD ["sh","-c","echo $WHO"]' shell:1 -`,
    )
    const [image] = JSON.parse(await rt().out(['image', 'inspect', 'shell:1']))
    expect(id.trim()).toBe(image.Id)
    expect(image.Config).toMatchObject({
      Entrypoint: ['/bin/busybox'],
      Cmd: ['sh', '-c', 'echo $WHO'],
      Env: ['WHO=me'],
      Labels: { a: 'b' },
    })
    expect(await rt().out(['history', 'shell:1'])).toMatch(/ +a shell alone\n$/)
    expect(await rt().out(['run', '--rm', '--network=none', 'shell:1'])).toBe('me\n')
    await rt().out(['import', 'plain', '-'], { input: good })
    expect(await rt().out(['history', 'plain'])).toMatch(/ +imported by rt\n$/)
  })
})

describe.skipIf(cannotRun)('rt import refuses', () => {
  const rt = useRt({ internet: false })
  const images = () => rt().host.sh('find /var/lib/rt/images -printf "%p %s\\n" | sort; ls /root')

  it.each([
    ...HOSTILE.map(([what, data]) => ({ what, data, code: 'RT_ARCHIVE_HOSTILE' })),
    ...CORRUPT.map(([what, data]) => ({ what, data, code: 'RT_ARCHIVE_CORRUPT' })),
  ])('$what', async ({ data, code }) => {
    await rt().host.write('/root/archive', data)
    await rt().host.write('/root/victim', 'untouched')
    const before = await images()
    const complaint = await rt().complaint(['import', 'evil', '/root/archive'])
    expect(complaint).toMatchObject({ code, exitCode: 1 })
    expect(complaint.remedy).toMatch(/nothing was kept of it/)
    const piped = await rt().run(['import', 'evil', '-'], { input: data })
    expect(readComplaint(piped)).toMatchObject({ code, exitCode: 1 })
    expect(await images()).toBe(before)
    expect(await rt().host.read('/root/victim')).toBe('untouched')
    expect(await rt().out(['images'])).not.toContain('evil')
  })

  it('a change that is none, and leaves nothing', async () => {
    await rt().host.write('/root/archive', good)
    const before = await images()
    const complaint = await rt().complaint(['import', '-c', 'RUN rm -rf /', 'evil', '/root/archive'])
    expect(complaint).toMatchObject({
      code: 'RT_USAGE',
      exitCode: 125,
      sentence: expect.stringContaining('RUN rm -rf /'),
    })
    expect(complaint.remedy).toContain('ENTRYPOINT')
    expect(await images()).toBe(before)
  })

  it('no archive for the folder that has its image’s name', async () => {
    await rt().host.write('/root/archive', good)
    const { code } = await rt().host.run(['sh', '-c', `mkdir -p /root/named; cd /root; ${RT} import named archive`])
    expect(code).toBe(0)
    await rt().out(['rmi', 'named'])
  })

  it('an archive that does not exist', async () => {
    const complaint = await rt().complaint(['import', 'evil', '/no/such/file'])
    expect(complaint.exitCode).toBe(1)
    expect(complaint.code).toBe('RT_USAGE')
    expect(complaint.sentence).toContain('/no/such/file')
  })

  it('a name that is none', async () => {
    expect(await rt().complaint(['import', 'Bad Name', '/etc/hostname'])).toMatchObject({ code: 'RT_IMAGE_REFERENCE' })
  })
})

describe.skipIf(cannotRun)('an archive that would exhaust the host', () => {
  it.each([
    ['a bomb of zeros', '24m', gzipSync(archive(member({ name: 'zeros', content: Buffer.alloc(64 << 20) })))],
    [
      'a flood of device nodes',
      // They take no space, only inodes.
      '24m,nr_inodes=3000',
      gzipSync(
        archive(...Array.from({ length: 60_000 }, (_, n) => member({ name: `n${n}`, type: '3', major: 1, minor: 3 }))),
      ),
    ],
  ])('%s is refused in time, and nothing is kept of it', async (_, dataSize, data) => {
    await using world = await createWorld({ dataSize, internet: false })
    const rt = new Rt(world)
    const bare = () =>
      world.host.sh('find /var/lib/rt -path "*/layers/*" -o -path "*/tmp/*"; df --output=iused /var/lib/rt | tail -1')
    await rt.run(['ps'])
    await rt.run(['import', 'good', '-'], { input: good })
    await rt.run(['rmi', 'good'])
    const before = await bare()
    const complaint = readComplaint(await rt.run(['import', 'bomb', '-'], { input: data }))
    expect(complaint.code).toMatch(/^RT_(DISK_FULL|ARCHIVE_HOSTILE)$/)
    expect(complaint.exitCode).toBe(1)
    expect(await bare()).toBe(before)
    expect(await world.host.sh('df --output=pcent /var/lib/rt | tail -1')).toMatch(/^ *[0-9]%/)
  })
})
