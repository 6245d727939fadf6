import { beforeAll, describe, expect, it } from 'vitest'
import { cannotRun, RT, useRt } from './rt.ts'

/** Megabytes of the image's one large file, which does not compress. */
const LARGE = 64

describe.skipIf(cannotRun)('the copy driver on btrfs, which shares blocks between files', () => {
  const rt = useRt({ internet: false, warm: false })
  const sh = (script: string) => rt().host.sh(script)
  const run = (...words: string[]) => rt().out(['run', '--root=/mnt/rt', '--storage=copy', '--network=none', ...words])
  /** Bytes in use once all that was written has its blocks. */
  const used = async (): Promise<number> => {
    return Number(await sh('sync -f /mnt; btrfs filesystem sync /mnt >/dev/null; df -B1 --output=used /mnt | tail -1'))
  }

  beforeAll(async () => {
    // The loop device goes with its mount, and that with the world.
    await sh(`set -e
      [ -e /dev/loop-control ] || mknod /dev/loop-control c 10 237
      for n in 0 1 2 3 4 5 6 7; do [ -e /dev/loop$n ] || mknod /dev/loop$n b 7 $n; done
      truncate -s 1G /var/lib/rt/btrfs.img; mkfs.btrfs -q /var/lib/rt/btrfs.img >/dev/null; mount -o loop /var/lib/rt/btrfs.img /mnt
      ${RT} create --root=/mnt/rt --name=box --network=none busybox sh -c '
        head -c ${LARGE << 20} /dev/urandom >/large; ln /large /second; echo below >/kept; mkdir /gone /opaque; touch /gone/x /opaque/x' >/dev/null
      ${RT} start --root=/mnt/rt -a box; ${RT} commit --root=/mnt/rt box one; ${RT} rm --root=/mnt/rt box
      ${RT} run --root=/mnt/rt --name=box --network=none one sh -c 'rm -r /gone /opaque; mkdir /opaque; touch /opaque/new; echo above >/kept'
      ${RT} commit --root=/mnt/rt box two; ${RT} rm --root=/mnt/rt box`)
  })

  it('takes no space for what the image has, keeps hard links, and obeys whiteouts', async () => {
    const before = await used()
    const look = 'stat -c %h /large /second; cat /kept; ls /opaque; ls -d /gone 2>/dev/null; sha256sum </large'
    const said = (await run('--name=web', 'two', 'sh', '-c', look)).split('\n')
    expect(said.slice(0, 4)).toEqual(['2', '2', 'above', 'new'])
    expect((await used()) - before).toBeLessThan(8 << 20)
    expect(said[4]).toBe((await sh('cat /mnt/rt/containers/*/rootfs/large | sha256sum')).trimEnd())
    expect(await sh('stat -c %h /mnt/rt/containers/*/rootfs/large')).toBe('2\n')
  })

  it('what a container writes is its own: neither the image nor another container has it', async () => {
    await run('--rm', 'two', 'sh', '-c', 'echo overwritten | dd of=/large conv=notrunc 2>/dev/null; rm /second')
    expect(
      await run('--rm', 'two', 'sh', '-c', 'stat -c %h /large; head -c 11 /large | grep -c overwritten || true'),
    ).toBe('2\n0\n')
  })

  it('the copy that is not shared would have taken it all: the measure is right', async () => {
    const before = await used()
    await sh('dd if=$(echo /mnt/rt/containers/*/rootfs/large) of=/mnt/real bs=1M status=none')
    expect((await used()) - before).toBeGreaterThan((LARGE - 1) << 20)
  })
})
