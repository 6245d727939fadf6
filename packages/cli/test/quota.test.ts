import { beforeAll, describe, expect, it } from 'vitest'
import { cannotRun, RT, readComplaint, useRt } from './rt.ts'

describe.skipIf(cannotRun)('--storage-opt size=, on ext4 with projects', () => {
  const rt = useRt({ internet: false, warm: false })
  const sh = (script: string) => rt().host.sh(script)
  /** Whether this kernel knows the format in which ext4 keeps its quotas. */
  let hasQuotas = false

  beforeAll(async () => {
    // The loop device goes with its mount, and that with the world.
    await sh(`[ -e /dev/loop-control ] || mknod /dev/loop-control c 10 237
      for n in 0 1 2 3 4 5 6 7; do [ -e /dev/loop$n ] || mknod /dev/loop$n b 7 $n; done
      cd /var/lib/rt; truncate -s 128M quota.img`)
    const make =
      'mkfs.ext4 -q -F -O project,quota -E quotatype=prjquota quota.img && mount -o loop,prjquota quota.img /mnt'
    hasQuotas = (await rt().host.run(['sh', '-c', `cd /var/lib/rt && ${make}`])).code === 0
    if (!hasQuotas) await sh('cd /var/lib/rt; mkfs.ext4 -q -F quota.img; mount -o loop quota.img /mnt')
    await sh(`${RT} run --root=/mnt/rt --rm --network=none busybox true`)
  })

  it.each(['overlay', 'copy'])(
    '%s: the container may write so much and no more, or rt says what is missing',
    async (storage) => {
      const before = await rt().world.snapshot()
      const write = (size: number) =>
        `dd if=/dev/zero of=/file bs=1M count=${size} 2>/dev/null || echo full; stat -c %s /file`
      const run = (...words: string[]) =>
        rt().run(['run', '--root=/mnt/rt', '--rm', '--network=none', `--storage=${storage}`, ...words])
      const limited = ['--storage-opt=size=8m', 'busybox', 'sh', '-c']
      if (!hasQuotas) {
        const complaint = readComplaint(await run(...limited, write(1)))
        expect(complaint).toMatchObject({ code: 'RT_STORAGE_QUOTA', exitCode: 125 })
        expect(complaint.sentence).toMatch(/lies on ext4 without project quotas/)
        expect(complaint.remedy).toMatch(/tune2fs -O project,quota/)
      } else {
        expect((await run(...limited, write(4))).stdout).toBe('4194304\n')
        const { stdout } = await run(...limited, write(16))
        expect(stdout).toMatch(/^full\n\d+\n$/)
        expect(Number(stdout.split('\n')[1])).toBeLessThanOrEqual(8 << 20)
        // Nobody else has its limit, and it shows in df.
        expect((await run('busybox', 'sh', '-c', write(16))).stdout).toBe('16777216\n')
        expect((await run(...limited, 'df -Pk / | tail -1 | tr -s " " | cut -d " " -f 2')).stdout).toBe('8192\n')
      }
      await rt().world.expectNoLeaks(before)
    },
  )
})
