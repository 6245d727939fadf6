import { beforeAll, describe, expect, it } from 'vitest'
import { madeImage } from './made-image.ts'
import { cannotRun, readComplaint, useRt } from './rt.ts'

describe.skipIf(cannotRun)('mounts', () => {
  const rt = useRt({ internet: false })
  const inside = (script: string, ...flags: string[]) =>
    rt().out(['run', '--rm', '--network=none', ...flags, 'busybox', 'sh', '-c', script])
  const host = (script: string) => rt().host.sh(script)
  const inspect = async (name: string) => JSON.parse(await rt().out(['inspect', name]))[0]

  beforeAll(async () => {
    await host(`mkdir -p /mnt/tree; mount -t tmpfs tree /mnt/tree; mount --make-shared /mnt/tree
      mkdir /mnt/tree/below /mnt/tree/in /mnt/tree/out; mount -t tmpfs below /mnt/tree/below; echo deep >/mnt/tree/below/file`)
    await rt().out(['volume', 'create', 'data'])
    await host(
      'cd /var/lib/rt/volumes/data/_data; mkdir -p sub/dir; echo part >sub/dir/file; ln -s /sub/dir link; ln -s ../../../../../../etc out',
    )
  })

  it('mounts of the host appear where the propagation says so, and those of the container on the host', async () => {
    const before = await rt().world.snapshot()
    const script =
      'mount -t tmpfs own /tree/out && echo mounted; read go; cat /tree/in/file 2>/dev/null; echo done; read end'
    const flags = ['run', '--rm', '-i', '--network=none', '--cap-add=SYS_ADMIN']
    const start = async (mount: string) => {
      const container = rt().spawn([...flags, mount, 'busybox', 'sh', '-c', script])
      await container.waitFor(/mounted\n/)
      return container
    }
    const bind = '--mount=type=bind,src=/mnt/tree,dst=/tree'
    const own = await start(bind)
    const slave = await start(`${bind},bind-propagation=rslave`)
    expect(await host('grep -c "^own /mnt/tree/out" /proc/mounts || true')).toBe('0\n')
    const shared = await start('-v=/mnt/tree:/tree:rshared')
    expect(await host('grep -c "^own /mnt/tree/out" /proc/mounts')).toBe('1\n')
    await host('mount -t tmpfs late /mnt/tree/in; echo late >/mnt/tree/in/file')
    for (const container of [own, slave, shared]) {
      container.write('\n')
      await container.waitFor(/done\n/)
      container.write('\n')
      await container.exit
    }
    expect(own.stdout).toBe('mounted\ndone\n')
    expect(slave.stdout).toBe('mounted\nlate\ndone\n')
    expect(shared.stdout).toBe('mounted\nlate\ndone\n')
    await host('umount /mnt/tree/in /mnt/tree/out')
    await rt().world.expectNoLeaks(before)
  })

  it('the script of explain does the same', async () => {
    const before = await rt().world.snapshot()
    const script = 'echo there; read go; cat /tree/in/file /part/file; ls /anon'
    const flags = [
      '-v=/mnt/tree:/tree:rslave',
      '--mount=src=data,dst=/part,volume-subpath=sub/dir',
      '-v',
      '/anon',
      '--network=none',
    ]
    const text = await rt().out(['explain', ...flags, 'busybox', 'sh', '-c', script])
    await rt().world.expectNoLeaks(before)
    const container = rt().host.spawn(['bash', '-c', text])
    await container.waitFor(/there\n/)
    await host('mount -t tmpfs late /mnt/tree/in; echo late >/mnt/tree/in/file')
    container.write('\n')
    expect((await container.exit).code).toBe(0)
    expect(container.stdout).toBe('there\nlate\npart\n')
    await host('umount /mnt/tree/in')
    await rt().world.expectNoLeaks(before)
  })

  it('a read-only bind mount is so all the way down, unless that is not wanted', async () => {
    const script = 'for path in /t /t/below; do touch $path/x 2>/dev/null && echo $path; done; ls /t/below'
    const mount = '--mount=type=bind,src=/mnt/tree,dst=/t,readonly'
    expect(await inside(script, '-v', '/mnt/tree:/t:ro')).toBe('file\n')
    expect(await inside(script, `${mount},bind-recursive=readonly`)).toBe('file\n')
    expect(await inside(script, '-v', '/mnt/tree:/t:ro,rslave')).toBe('file\n')
    expect(await inside(script, `${mount},bind-recursive=disabled`)).toBe('')
    expect(await inside(script, `${mount},bind-recursive=writable`)).toBe('/t/below\nfile\nx\n')
    await host('rm /mnt/tree/below/x')
  })

  it('a part of a volume: links in it lead nowhere but in it', async () => {
    const part = (path: string) => ['--mount', `src=data,dst=/part,volume-subpath=${path}`]
    expect(await inside('ls /part', ...part('sub/dir'))).toBe('file\n')
    expect(await inside('cat /part/file', ...part('link'))).toBe('part\n')
    expect(await inside('cat /part', ...part('sub/dir/file'))).toBe('part\n')
    for (const path of ['out', 'none']) {
      const complaint = await rt().complaint(['run', '--network=none', ...part(path), 'busybox', 'true'])
      expect(complaint.sentence).toMatch(/cannot be mounted at \/part, because it is not/)
    }
  })

  it('--mount type=tmpfs has a size and a mode', async () => {
    const out = await inside(
      'df -Pk /t | tail -1 | tr -s " " | cut -d " " -f 2; stat -c %a /t /u',
      '--mount=type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=0710',
      '--mount=type=tmpfs,dst=/u',
    )
    expect(out).toBe('1024\n710\n1777\n')
  })

  it('inspect, ps and exec know them; they are there again after a start; ps finds their container', async () => {
    const before = await rt().world.snapshot()
    const flags = [
      '-v',
      'data:/named:ro',
      '-v',
      '/mnt/tree:/bound:rslave',
      '--mount=type=bind,src=/mnt,dst=/mnt2,ro',
      '--mount=type=tmpfs,dst=/t,tmpfs-size=64k',
      '--mount=src=data,dst=/part,volume-subpath=sub',
    ]
    await rt().out(['run', '-d', '--name=box', '--network=none', ...flags, 'busybox', 'sleep', '1001'])
    const view = await inspect('box')
    const data = { Type: 'volume', Name: 'data', Driver: 'local', Propagation: '' }
    const [named, bound, second, tmpfs, part] = view.Mounts
    expect(named).toEqual({
      ...data,
      Source: '/var/lib/rt/volumes/data/_data',
      Destination: '/named',
      Mode: 'ro',
      RW: false,
    })
    expect(bound).toEqual({
      Type: 'bind',
      Source: '/mnt/tree',
      Destination: '/bound',
      Mode: 'rslave',
      RW: true,
      Propagation: 'rslave',
    })
    expect(second).toEqual({
      Type: 'bind',
      Source: '/mnt',
      Destination: '/mnt2',
      Mode: '',
      RW: false,
      Propagation: 'rprivate',
    })
    expect(tmpfs).toEqual({ Type: 'tmpfs', Source: '', Destination: '/t', Mode: '', RW: true, Propagation: '' })
    expect(part).toEqual({
      ...data,
      Source: '/var/lib/rt/volumes/data/_data/sub',
      Destination: '/part',
      Mode: '',
      RW: true,
    })
    expect(view.HostConfig.Binds).toEqual(['data:/named:ro', '/mnt/tree:/bound:rslave'])
    expect(view.HostConfig.Mounts).toEqual([
      { Type: 'bind', Source: '/mnt', Target: '/mnt2', ReadOnly: true },
      { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 65536, Mode: 0o1777 } },
      { Type: 'volume', Source: 'data', Target: '/part', VolumeOptions: { Subpath: 'sub' } },
    ])
    const look = ['exec', 'box', 'cat', '/named/sub/dir/file', '/bound/below/file', '/part/dir/file']
    expect(await rt().out(look)).toBe('part\ndeep\npart\n')
    await rt().out(['restart', '-t', '0', 'box'])
    expect(await rt().out(look)).toBe('part\ndeep\npart\n')
    expect(await rt().out(['ps', '--filter', 'volume=data', '--format', '{Names} {Mounts}'])).toBe(
      'box data,/mnt/tree,/mnt,data\n',
    )
    await rt().out(['rm', '-f', 'box'])
    await rt().world.expectNoLeaks(before)
  })

  it('cp goes into and out of volumes, of running and of stopped containers, and nowhere else', async () => {
    const before = await rt().world.snapshot()
    await madeImage(rt(), 'content', 'mkdir /content; echo image >/content/file; chown 5 /content')
    await host('echo new >/root/new; mkdir -p /root/got')
    const flags = [
      '--network=none',
      '-v',
      'fresh:/content',
      '--mount=src=data,dst=/part,volume-subpath=sub',
      '--mount=src=data,dst=/out,volume-subpath=link',
    ]
    await rt().out(['create', '--name=box', ...flags, 'content', 'sleep', '1001'])
    // Before its first start a new volume is what that will make of it.
    await rt().out(['cp', 'box:/content/file', '/root/got/before'])
    await rt().out(['cp', '/root/new', 'box:/content/new'])
    await rt().out(['cp', 'box:/part/dir/file', '/root/got/part'])
    await rt().out(['start', 'box'])
    expect(await rt().out(['exec', 'box', 'sh', '-c', 'cat /content/file /content/new; stat -c %u /content'])).toBe(
      'image\nnew\n5\n',
    )
    await rt().out(['cp', 'box:/content/new', '/root/got/running'])
    await rt().out(['cp', '/root/new', 'box:/part/new'])
    await rt().out(['stop', '-t', '0', 'box'])
    await rt().out(['cp', 'box:/part/new', '/root/got/stopped'])
    expect(
      await host('cd /root/got; cat before part running stopped; cat /var/lib/rt/volumes/data/_data/sub/new'),
    ).toBe('image\npart\nnew\nnew\nnew\n')
    // Somebody who writes to the volume makes its part a way to the host.
    await host('cd /var/lib/rt/volumes/data/_data; rm link; ln -s ../../../../../../etc link')
    expect(readComplaint(await rt().run(['cp', 'box:/out/hostname', '/root/got']))).toMatchObject({
      code: 'RT_PATH_UNKNOWN',
    })
    expect(readComplaint(await rt().run(['start', 'box'])).sentence).toMatch(/cannot be mounted at \/out/)
    await host('cd /var/lib/rt/volumes/data/_data; rm link sub/new; ln -s /sub/dir link; rm -r /root/got /root/new')
    await rt().out(['rm', 'box'])
    await rt().out(['volume', 'rm', 'fresh'])
    await rt().out(['rmi', 'content'])
    await rt().world.expectNoLeaks(before)
  })

  it('diff, export and commit leave out what is in volumes; commit keeps that there is one', async () => {
    const before = await rt().world.snapshot()
    await rt().run([
      'run',
      '--name=box',
      '--network=none',
      '-v',
      'data:/named:ro',
      '-v',
      '/anon',
      'busybox',
      'sh',
      '-c',
      'echo x >/anon/secret; echo y >/plain',
    ])
    expect(await rt().out(['diff', 'box'])).toBe('A /anon\nA /named\nA /plain\n')
    expect(
      await host(`cd /root; ${(await import('./rt.ts')).RT} export box | tar t | grep -E '^(anon|named|plain)'`),
    ).toBe('anon/\nnamed/\nplain\n')
    await rt().out(['commit', 'box', 'kept'])
    expect(await rt().out(['image', 'inspect', '-f', 'Config.Volumes', 'kept'])).toBe('{"/anon":{}}\n')
    expect(
      await rt().out([
        'run',
        '--rm',
        '--network=none',
        'kept',
        'sh',
        '-c',
        'ls /anon /named; grep -c /anon /proc/mounts',
      ]),
    ).toBe('/anon:\n\n/named:\n1\n')
    await rt().out(['rm', '-v', 'box'])
    await rt().out(['rmi', 'kept'])
    await rt().world.expectNoLeaks(before)
  })

  it('a start that is killed at any step keeps volumes that were there, and leaves none without a name', async () => {
    const before = await rt().world.snapshot()
    const flags = ['run', '--rm', '--network=none', '-v', 'data:/named', '-v', '/anon', 'busybox', 'true']
    let survived = false
    for (let step = 1; !survived; step += 13) {
      const { code } = await rt().run(flags, { env: { RT_TEST_STOP_AT: String(step) } })
      survived = code === 0
      await rt().out(['ps'])
      expect(step).toBeLessThan(200)
    }
    expect(await rt().out(['volume', 'ls', '-q'])).toBe('data\n')
    await rt().world.expectNoLeaks(before)
  })
})
