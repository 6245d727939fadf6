import { beforeAll, describe, expect, it } from 'vitest'
import { cannotRun, RT, readComplaint, useRt } from './rt.ts'

const run = (...words: string[]): string[] => ['run', '--rm', '--network=none', ...words]

describe.skipIf(cannotRun)('an image that is given by its path', () => {
  const rt = useRt({ internet: false })
  const sh = (script: string) => rt().host.sh(script)
  const there = { cwd: '/root/images' }
  const stored = async (): Promise<string[]> => (await sh('ls /var/lib/rt/images/configs')).trim().split('\n')

  beforeAll(async () => {
    await sh(`set -e; mkdir -p /root/images/rootfs; cd /root/images
      ${RT} run --name=box --network=none busybox sh -c 'echo from the archive >/said; chmod 4755 /said'
      ${RT} export box | tar x -C rootfs; echo from the folder >rootfs/said
      ${RT} commit -c 'CMD ["cat", "/said"]' box made:1; ${RT} tag made:1 host:5000/made:2
      ${RT} save -o docker.tar made:1 host:5000/made:2; ${RT} save --format=oci-archive -o oci.tar made:1
      mkdir layout; tar x -C layout -f oci.tar; ${RT} save -o two.tar made:1 busybox; gzip -k docker.tar
      ${RT} rm box; ${RT} rmi made:1 host:5000/made:2`)
  })

  for (const storage of ['overlay', 'copy'])
    it(`a folder with a root file system: below the container, never written to (${storage})`, async () => {
      const look = `cd /root/images/rootfs; find . -printf '%p %m %u %T@ %s\\n' | grep -v '^. ' | sort | sha256sum`
      const before = await sh(look)
      const script = 'cat /said; echo changed >/said; rm /bin/ls; mkdir /new; touch /etc/new; cat /said'
      expect(await rt().out(run(`--storage=${storage}`, './rootfs', 'sh', '-c', script), there)).toBe(
        'from the folder\nchanged\n',
      )
      expect(await sh(look)).toBe(before)
    })

  it('a folder by every way that a path is written', async () => {
    for (const [path, cwd] of [
      ['/root/images/rootfs', '/'],
      ['../rootfs/', '/root/images/layout'],
      ['.', '/root/images/rootfs'],
    ] as const)
      expect(await rt().out(run(path, 'cat', '/said'), { cwd })).toBe('from the folder\n')
  })

  it('a container of a folder lives like any other: stopped, looked at, committed, started again', async () => {
    await rt().out(
      ['create', '--name=box', '--network=none', './rootfs', 'sh', '-c', 'cat /said; echo more >>/note'],
      there,
    )
    const folder = '/root/images/rootfs'
    expect(await rt().out(['start', '-a', 'box'], { cwd: '/' })).toBe('from the folder\n')
    expect(await rt().out(['inspect', '--format', 'Image', 'box'])).toBe(`${folder}\n`)
    expect(await rt().out(['ps', '-a', '--format', '{Image}'])).toBe('./rootfs\n')
    expect(await rt().out(['diff', 'box'])).toBe('A /note\n')
    await rt().out(['image', 'prune', '-af'])
    await rt().out(['start', '-a', 'box'])
    await rt().out(['commit', 'box', 'kept:1'])
    expect(await rt().out(run('--pull=never', 'kept:1', 'cat', '/said', '/note'))).toBe('from the folder\nmore\nmore\n')
    await sh(`mv ${folder} ${folder}.away`)
    const complaint = readComplaint(await rt().run(['start', 'box']))
    await sh(`mv ${folder}.away ${folder}`)
    expect(complaint).toMatchObject({ code: 'RT_IMAGE_PATH', exitCode: 1 })
    expect(complaint.sentence).toContain(folder)
    await rt().out(['rm', 'box'])
    await rt().out(['rmi', 'kept:1'])
  })

  for (const file of ['docker.tar', 'docker.tar.gz', 'oci.tar', 'layout'])
    it(`${file}: loaded once, without a name, until it changes`, async () => {
      await rt().out(['image', 'prune', '-af'])
      expect(await rt().out(run(`./${file}`), there)).toBe('from the archive\n')
      const [id] = await stored()
      expect(await rt().out(['images'])).not.toContain('made')
      // Whoever loads it writes this anew.
      const noted = () => sh('ls -i /var/lib/rt/images/sources')
      const first = await noted()
      expect(first.trim().split('\n')).toHaveLength(1)
      expect(await rt().out(run(`./${file}`), there)).toBe('from the archive\n')
      expect(await noted()).toBe(first)
      await sh(`touch /root/images/${file === 'layout' ? 'layout/index.json' : file}; sleep 0.05`)
      expect(await rt().out(run(`./${file}`), there)).toBe('from the archive\n')
      expect(await noted()).not.toBe(first)
      await rt().out(['image', 'prune', '-f'])
      expect(await sh('ls /var/lib/rt/images/sources /var/lib/rt/images/configs | grep -c json || true')).toBe('0\n')
      expect(await rt().out(run(`./${file}`), there)).toBe('from the archive\n')
      expect(await stored()).toEqual([id])
    })

  it('what a container is made of is not pruned', async () => {
    await rt().out(['create', '--name=box', '--network=none', './oci.tar'], there)
    await rt().out(['image', 'prune', '-af'])
    expect(await rt().out(['start', '-a', 'box'])).toBe('from the archive\n')
    await rt().out(['rm', 'box'])
  })

  it('one of several images is chosen by its name', async () => {
    expect(await rt().out(run('./two.tar:made:1'), there)).toBe('from the archive\n')
    const several = readComplaint(await rt().run(run('./two.tar'), there))
    expect(several).toMatchObject({ code: 'RT_IMAGE_PATH' })
    expect(several.sentence).toContain('2 images: made:1, busybox:latest')
    const none = readComplaint(await rt().run(run('./two.tar:other'), there))
    expect(none.sentence).toContain('no image "other": made:1, busybox:latest')
  })

  it('a path that is no image is told by what is there, and nothing is kept', async () => {
    await sh(
      'cd /root/images; mkdir empty bundle bundle/rootfs; touch bundle/config.json; echo text >text; tar cf root.tar rootfs; mkfifo fifo; head -c 3000 docker.tar >cut.tar',
    )
    await rt().settled()
    const before = await sh('find /var/lib/rt/images -path "*/layers/*/*" -prune -o -print | sort')
    const host = await rt().world.snapshot()
    for (const [path, code, sentence, remedy] of [
      ['./missing', 'RT_IMAGE_PATH', 'nothing at /root/images/missing', 'registry'],
      ['./empty', 'RT_IMAGE_PATH', 'is empty', 'tar -x'],
      ['./bundle', 'RT_IMAGE_PATH', 'has one in it', '/root/images/bundle/rootfs'],
      ['./fifo', 'RT_IMAGE_PATH', 'neither a file nor a folder', 'docker save'],
      ['./text', 'RT_ARCHIVE_CORRUPT', '', ''],
      ['./cut.tar', 'RT_ARCHIVE_CORRUPT', '', ''],
      ['./root.tar', 'RT_ARCHIVE_CORRUPT', 'no image archive', 'rt import'],
      ['./rootfs:tag', 'RT_IMAGE_PATH', 'no "tag" in it', ''],
      ['/', 'RT_IMAGE_PATH', "rt's own data", '--root'],
      ['/var/lib/rt', 'RT_IMAGE_PATH', "rt's own data", '--root'],
    ] as const) {
      const complaint = readComplaint(await rt().run(run(path, 'true'), there))
      expect(complaint, path).toMatchObject({ code, exitCode: 125 })
      expect(complaint.sentence, path).toContain(sentence)
      expect(complaint.remedy, path).toContain(remedy)
    }
    expect(await sh('find /var/lib/rt/images -path "*/layers/*/*" -prune -o -print | sort')).toBe(before)
    await rt().world.expectNoLeaks(host)
  })
})
