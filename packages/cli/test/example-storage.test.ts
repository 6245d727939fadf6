import { beforeAll, describe, expect, it } from 'vitest'
import { cannotRun, example, type Rt, useRt } from './rt.ts'

/** The image is there, and what a driver keeps for all containers of it. */
const warm = async (rt: Rt): Promise<void> => {
  const { code, stderr } = await rt.run(['run', '--rm', 'busybox', 'true'])
  if (code !== 0) throw new Error(stderr)
}

/** What `rt explain` says, pasted into a shell, does and leaves what `rt run` would. */
const expectPasted = async (rt: Rt, look: string, stdout: string): Promise<void> => {
  const before = await rt.world.snapshot()
  const words = ['explain', '--name=pasted', 'busybox', 'sh', '-c', `echo new >/bin/note; ${look}; exit 7`]
  expect(await rt.host.run(['bash', '-c', await rt.out(words)])).toMatchObject({ code: 7, stdout, stderr: '' })
  await rt.world.expectNoLeaks(before)
}

const config = (name: string, storage: string): string =>
  `drivers:\n  storage: { ${name}: ${example(`rt-driver-storage-${name}`)} }\n${storage}network: none\n`

describe.skipIf(cannotRun)('the storage driver tmpfs of the examples', () => {
  const rt = useRt({ warm: false })
  beforeAll(async () => {
    await rt().host.write('/etc/rt/config.yaml', config('tmpfs', 'storage:\n  driver: tmpfs\n  tmpfs: { size: 4m }\n'))
    await warm(rt())
  })

  it('writes to memory, as much as it may, and leaves nothing', async () => {
    const before = await rt().world.snapshot()
    const fill =
      'echo new >/bin/note; cat /bin/note; df -m / | tail -1 | tr -s " " | cut -d " " -f 2; dd if=/dev/zero of=/big bs=1M count=9 2>&1 | grep -o "No space.*"'
    expect(await rt().out(['run', '--rm', 'busybox', 'sh', '-c', fill])).toBe('new\n4\nNo space left on device\n')
    await rt().world.expectNoLeaks(before)
  })

  it('keeps the image as it is, and begins with it again', async () => {
    await rt().out(['run', '--name=box', 'busybox', 'sh', '-c', 'cat /note 2>/dev/null; rm /bin/vi; echo gone >/note'])
    expect(await rt().out(['start', '-a', 'box'])).toBe('')
    expect(await rt().out(['run', '--rm', 'busybox', 'ls', '/bin/vi'])).toBe('/bin/vi\n')
    expect((await rt().run(['diff', 'box'])).stderr).toMatch(/^rt: .+ \[RT_DRIVER_LACKS\]/)
    await rt().out(['rm', 'box'])
  })

  it('is the same in the script of rt explain', async () => {
    await expectPasted(rt(), 'df / | tail -1 | tr -s " " | cut -d " " -f 2', '4096\n')
  })
})

describe.skipIf(cannotRun)('the storage driver btrfs of the examples', () => {
  const rt = useRt({ warm: false, btrfs: true })
  beforeAll(async () => {
    await rt().host.write('/etc/rt/config.yaml', config('btrfs', 'storage: btrfs\n'))
    await warm(rt())
  })
  const subvolumes = async () =>
    (await rt().host.sh('btrfs subvolume list /var/lib/rt')).split('\n').filter((line) => line.includes('rootfs'))

  it('gives each container a snapshot of its image, which stays as it was left', async () => {
    await rt().out(['run', '--name=one', 'busybox', 'sh', '-c', 'rm /bin/vi; echo kept >/note; chmod 700 /root'])
    expect(
      await rt().out(['run', '--rm', 'busybox', 'sh', '-c', 'ls /bin/vi; cat /note 2>/dev/null; stat -c %a /']),
    ).toBe('/bin/vi\n755\n')
    expect(await subvolumes()).not.toEqual([])
    expect(await rt().out(['diff', 'one'])).toContain('D /bin/vi')
    await rt().out(['commit', 'one', 'changed'])
    expect(
      await rt().out(['run', '--rm', 'changed', 'sh', '-c', 'cat /note; ls /bin/vi 2>/dev/null || echo gone']),
    ).toBe('kept\ngone\n')
    await rt().out(['rmi', 'changed'])
    await rt().out(['rm', 'one'])
    expect(await subvolumes()).toEqual([])
    // The snapshot of an image that is gone goes with the next one that is new.
    await rt().out(['run', '--name=two', 'busybox', 'touch', '/other'])
    await rt().out(['commit', 'two', 'other'])
    await rt().out(['run', '--rm', 'other', 'true'])
    expect(
      (await rt().host.sh('ls /var/lib/rt/storage/btrfs')).split('\n').filter((name) => /^[0-9a-f]{32}$/.test(name)),
    ).toHaveLength(2)
    await rt().out(['rm', 'two'])
  })

  it('goes into subvolumes that a container made itself', async () => {
    // Any user may make some; busybox has no program for it, so the host does it in the container's root.
    const id = (await rt().out(['run', '-d', '--name=nest', 'busybox', 'sleep', '1000'])).trim()
    await rt().host.sh(
      `btrfs subvolume create /var/lib/rt/containers/${id}/rootfs/mine >/dev/null; echo x >/var/lib/rt/containers/${id}/rootfs/mine/file`,
    )
    await rt().out(['rm', '-f', 'nest'])
    expect(await subvolumes()).toEqual([])
    expect(await rt().host.sh('ls /var/lib/rt/containers')).toBe('')
  })

  it('six at once share one snapshot of an image that is new', async () => {
    await rt().out(['run', '--name=base', 'busybox', 'touch', '/six'])
    await rt().out(['commit', 'base', 'six'])
    const all = await Promise.all(Array.from({ length: 6 }, () => rt().out(['run', '--rm', 'six', 'ls', '/six'])))
    expect(new Set(all)).toEqual(new Set(['/six\n']))
    expect(await subvolumes()).toHaveLength(1)
    await rt().out(['rm', 'base'])
  })

  it('is the same in the script of rt explain', async () => {
    await expectPasted(rt(), 'cat /bin/note', 'new\n')
  })
})
