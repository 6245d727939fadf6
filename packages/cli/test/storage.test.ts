import { describe, expect, it } from 'vitest'
import { archive, member, pax, record } from '../../images/test/archive.ts'
import { cannotRun, type Rt, until, useRt } from './rt.ts'

/** A checksum of everything that tar can tell of a tree: names, owners, modes, times, hard links, xattrs, devices, content. */
const checksum = (directory: string): string =>
  `tar -C ${directory} --sort=name --numeric-owner --xattrs --xattrs-include='*' --format=pax --pax-option=delete=atime,delete=ctime -c . | sha256sum`

/** Changes all there is to change; `/mark` tells the container's own writes. */
const changes = (name: string): string => `
  echo ${name} >/mark; echo ${name} >>/etc/passwd; rm /etc/group; rm -r /home; mkdir /home; echo new >/home/new
  mv /bin/busybox /bin/busybox.new && /bin/busybox.new ln /bin/busybox.new /bin/busybox; chmod 700 /root; ln -s /mark /link`

describe.skipIf(cannotRun)('two containers of one image at the same time', () => {
  const rt = useRt({ internet: false })
  const images = () => rt().host.sh(checksum('/var/lib/rt/images'))

  it.each(['overlay', 'copy'])(
    '%s: write and delete what they like; the image is untouched and neither sees the other',
    async (storage) => {
      const before = await rt().world.snapshot()
      const image = await images()
      const start = async (name: string) => {
        const script = `[ ! -e /etc/rt-test-world ] || exit 9; ${changes(name)}; echo written; read go; cat /mark; tail -n 1 /etc/passwd; ls /home /etc/group`
        const container = rt().spawn([
          'run',
          '--rm',
          '-i',
          '--network=none',
          `--storage=${storage}`,
          'busybox',
          'sh',
          '-c',
          script,
        ])
        await container.waitFor(/written\n/)
        return container
      }
      const both = [await start('one'), await start('two')]
      expect(await images()).toBe(image)
      for (const container of both) container.write('\n')
      for (const [index, container] of both.entries()) {
        await container.exit
        const name = index === 0 ? 'one' : 'two'
        expect(container.stdout).toBe(`written\n${name}\n${name}\n/home:\nnew\n`)
        expect(container.stderr).toContain('/etc/group: No such file')
      }
      expect(await images()).toBe(image)
      await rt().world.expectNoLeaks(before)
      // A third one sees the image as it was.
      const third = await rt().out([
        'run',
        '--rm',
        '--network=none',
        `--storage=${storage}`,
        'busybox',
        'ls',
        '/',
        '/etc/group',
      ])
      expect(third).not.toContain('mark')
      expect(third).toContain('/etc/group')
    },
  )

  it('deletes everything it has, and hurts nobody', async () => {
    const { world } = rt()
    const image = await images()
    const host = await world.host.sh(checksum('/etc'))
    for (const storage of ['overlay', 'copy']) {
      const script = `${world.containerGuard} && rm -rf /bin/ls /etc /home /root /usr /var 2>/dev/null; [ -e /etc/passwd ] || echo gone`
      const out = await rt().run([
        'run',
        '--rm',
        '--network=none',
        `--storage=${storage}`,
        'busybox',
        'sh',
        '-c',
        script,
      ])
      expect(out.stdout).toBe('gone\n')
    }
    expect(await images()).toBe(image)
    expect(await world.host.sh(checksum('/etc'))).toBe(host)
  })
})

/** With all that a copy could lose. */
const RICH = archive(
  member({ name: 'bin/', type: '5', mode: 0o755 }),
  member({ name: 'tmp/', type: '5', mode: 0o1777, uid: 3, gid: 4 }),
  member({ name: 'setuid', mode: 0o4755, uid: 1000, gid: 2000, content: 'x', mtime: 1_600_000_000 }),
  member({ name: 'first', mode: 0o640, uid: 7, content: 'shared' }),
  member({ name: 'second', type: '1', link: 'first' }),
  member({ name: 'symlink', type: '2', link: 'nowhere', uid: 5, gid: 6, mode: 0o777 }),
  member({ name: 'null', type: '3', major: 1, minor: 3, mode: 0o666 }),
  member({ name: 'disk', type: '4', major: 7, minor: 200, mode: 0o660, gid: 6 }),
  member({ name: 'fifo', type: '6', mode: 0o600, uid: 8 }),
  pax(record('SCHILY.xattr.user.note', 'kept'), record('SCHILY.xattr.trusted.deep', Buffer.from([0, 1, 255]))),
  member({ name: 'noted', content: 'n' }),
  member({ name: 'big', content: Buffer.alloc(300_000, 'b'), mtime: 1_500_000_000 }),
  member({ name: 'empty/', type: '5', mode: 0o710, uid: 9, mtime: 1_400_000_000 }),
)

/** The image as above, with a busybox in it so that something can run. */
async function importRich(rt: Rt): Promise<string> {
  await rt.host.write('/root/rich.tar', RICH)
  await rt.host.sh(`mkdir -p rich/bin; cp $(command -v busybox) rich/bin/busybox; tar -C rich -rf rich.tar bin/busybox`)
  await rt.out(['import', 'rich', '/root/rich.tar'])
  return (await rt.host.sh('dirname $(find /var/lib/rt/images/layers -name setuid)')).trim()
}

describe.skipIf(cannotRun)('an image with all that a tree can hold', () => {
  const rt = useRt({ internet: false })

  it('a copy is faithful: owners, modes, times, hard links, xattrs, devices', async () => {
    const layer = await importRich(rt())
    const listing = await rt().host.sh(
      `tar -C ${layer} --xattrs --xattrs-include='*' -c . | tar --xattrs --xattrs-include='*' --numeric-owner -tvv`,
    )
    for (const line of [
      /^-rwsr-xr-x +1000\/2000 +1 2020-09-13/m,
      /^drwxrwxrwt +3\/4/m,
      /^hrw-r----- .* link to \.\/(first|second)$/m,
      /^crw-rw-rw- +0\/0 +1,3/m,
      /^brw-rw---- +0\/6 +7,200/m,
      /^prw------- +8\/0/m,
      /^ +x: +4 user\.note$/m,
      /^ +x: +3 trusted\.deep$/m,
    ])
      expect(listing).toMatch(line)

    const before = await rt().world.snapshot()
    // A pipe that nobody writes to keeps it there without a write of its own.
    const container = rt().spawn([
      'run',
      '--rm',
      '-i',
      '--name=faithful',
      '--network=none',
      '--storage=copy',
      'rich',
      '/bin/busybox',
      'cat',
    ])
    await until('it runs', async () => (await rt().out(['ps'])).includes('faithful'))
    const [view] = JSON.parse(await rt().out(['inspect', 'faithful']))
    // rt makes mount points in the container's root; all else must be the image's.
    const own = '--exclude=./proc --exclude=./sys --exclude=./dev --exclude=./etc'
    const sum = (directory: string) =>
      rt().host.sh(checksum(directory).replace(' -c .', ` ${own} -c .`).replace('--pax', '--mtime=@0 --pax'))
    const files = (directory: string) =>
      rt().host.sh(
        `cd ${directory}; find . -mindepth 1 ! -path './proc*' ! -path './sys*' ! -path './dev*' ! -path './etc*' -printf '%p %T@ %m %U:%G %n %s %l\\n' | sort`,
      )
    const root = `/var/lib/rt/containers/${view.Id}/rootfs`
    expect(await files(root)).toBe(await files(layer))
    expect(await sum(root)).toBe(await sum(layer))
    container.closeInput()
    expect((await container.exit).code).toBe(0)
    await rt().world.expectNoLeaks(before)
  })

  it.each(['overlay', 'copy'])(
    '%s: the container sees owners, modes and links as the archive had them',
    async (storage) => {
      const script =
        'cd /; /bin/busybox stat -c "%n %a %u:%g %h %F" tmp setuid first second null fifo empty symlink; /bin/busybox echo more >>first; /bin/busybox cat second'
      const out = await rt().out([
        'run',
        '--rm',
        '--network=none',
        `--storage=${storage}`,
        'rich',
        '/bin/busybox',
        'sh',
        '-c',
        script,
      ])
      expect(out.trim().split('\n')).toEqual([
        'tmp 1777 3:4 2 directory',
        'setuid 4755 1000:2000 1 regular file',
        'first 640 7:0 2 regular file',
        'second 640 7:0 2 regular file',
        'null 666 0:0 1 character special file',
        'fifo 600 8:0 1 fifo',
        'empty 710 9:0 2 directory',
        'symlink 777 5:6 1 symbolic link',
        // Overlay gives up the link at the first write: that is how overlayfs works.
        storage === 'copy' ? 'sharedmore' : 'shared',
      ])
    },
  )
})
