import { describe, expect, it } from 'vitest'
import { cannotRun, until, useRt } from './rt.ts'

describe.skipIf(cannotRun)('rt update', () => {
  const rt = useRt({ internet: false })
  const file = (id: string, name: string): Promise<string> =>
    rt().host.sh(`cat /sys/fs/cgroup/*/rt-${id}/${name} /sys/fs/cgroup/rt-${id}/${name} 2>/dev/null || :`)
  const hostConfig = async (id: string): Promise<Record<string, unknown>> =>
    (JSON.parse(await rt().out(['inspect', id])) as [{ HostConfig: Record<string, unknown> }])[0].HostConfig

  it('puts a running container with all its processes under limits, changes them and takes them away', async () => {
    const world = await rt().world.snapshot()
    // Forks all the time, so that some are born while they are moved.
    const script = 'while :; do sleep 0.02; done & while :; do sleep 0.03; done & while :; do sleep 0.01; done'
    const id = (await rt().out(['run', '-d', '--network=none', '--name=box', 'busybox', 'sh', '-c', script])).trim()
    expect(await rt().out(['update', '-m', '64m', '--cpus=0.5', '--pids-limit=50', '--cpuset-cpus=0', 'box'])).toBe(
      'box\n',
    )
    expect(`${await file(id, 'cpu.cfs_quota_us')}${await file(id, 'cpu.max')}`).toMatch(/^50000\b/)
    expect(`${await file(id, 'memory.limit_in_bytes')}${await file(id, 'memory.max')}`).toBe('67108864\n')
    expect(await file(id, 'pids.max')).toBe('50\n')
    // One that is being born or dies may be seen in some of its groups only; one that was left out would have children without end.
    await until('every process is in every group', async () => {
      const lonely = await rt().host.sh(`
        for pid in $(cat /sys/fs/cgroup/devices/rt-${id}/cgroup.procs /sys/fs/cgroup/rt-${id}/cgroup.procs 2>/dev/null); do
          [ "$(grep -cE ':(memory|cpu|cpuset|pids|cpu,cpuacct):/rt-|^0::/rt-' /proc/$pid/cgroup)" -ge "$([ -d /sys/fs/cgroup/rt-${id} ] && echo 1 || echo 4)" ] || [ ! -d /proc/$pid ] || echo $pid
        done`)
      return lonely === ''
    })
    expect(await hostConfig('box')).toMatchObject({
      Memory: 64 * 1024 ** 2,
      NanoCpus: 5e8,
      PidsLimit: 50,
      CpusetCpus: '0',
    })

    // Memory and its sum with swap must grow in one order and shrink in the other.
    for (const size of [256, 32]) {
      await rt().out(['update', `--memory=${size}m`, 'box'])
      expect(`${await file(id, 'memory.limit_in_bytes')}${await file(id, 'memory.max')}`).toBe(`${size * 1024 ** 2}\n`)
    }
    await rt().out(['update', '--memory=0', '--cpus=0', '--pids-limit=0', 'box'])
    expect(await file(id, 'pids.max')).toBe('max\n')
    expect(`${await file(id, 'cpu.cfs_quota_us')}${await file(id, 'cpu.max')}`).toMatch(/^(-1|max)\b/)
    expect(Number((await file(id, 'memory.limit_in_bytes')) || Infinity)).toBeGreaterThan(2 ** 60)
    expect(await hostConfig('box')).toMatchObject({ Memory: 0, NanoCpus: 0, PidsLimit: null, CpusetCpus: '0' })
    await rt().out(['rm', '-f', 'box'])
    await rt().world.expectNoLeaks(world)
  })

  it('holds for what a restart policy starts again', async () => {
    const out = await rt().out([
      'run',
      '-d',
      '--network=none',
      '--restart=always',
      '--name=again',
      'busybox',
      'sleep',
      '1000',
    ])
    const id = out.trim()
    const processes = async (): Promise<string> => `${await file(id, 'cgroup.procs')}`
    await rt().out(['update', '--pids-limit=9', 'again'])
    const before = await processes()
    await rt().host.sh(`kill -9 ${before.trim().split('\n')[0]}`)
    await until('it runs again', async () => {
      const now = await processes()
      return now !== '' && !now.includes(before.trim().split('\n')[0] ?? '')
    })
    const [pid] = (await processes()).trim().split('\n')
    expect(await rt().host.sh(`grep -E ':pids:/rt-|^0::/rt-' /proc/${pid}/cgroup`)).toContain(id)
    expect(await file(id, 'pids.max')).toBe('9\n')
    await rt().out(['rm', '-f', 'again'])
  })

  it('of a container that has ended changes what it will start with', async () => {
    await rt().run(['run', '--network=none', '--name=ended', '-m', '64m', 'busybox', 'true'])
    await rt().out(['update', '--pids-limit=9', '--cpus=0.5', 'ended'])
    expect(await hostConfig('ended')).toMatchObject({ Memory: 64 * 1024 ** 2, PidsLimit: 9, NanoCpus: 5e8 })
    await rt().out(['rm', 'ended'])
  })

  it('says what it cannot change, and changes nothing', async () => {
    const id = (
      await rt().out(['run', '-d', '--network=none', '--name=firm', '--cpus=0.5', 'busybox', 'sleep', '1000'])
    ).trim()
    for (const [flags, code] of [
      [['--cpu-quota=10000'], 'RT_LIMIT_INVALID'],
      [['--memory=1k'], 'RT_LIMIT_INVALID'],
      [['--memory-swap=64m'], 'RT_LIMIT_INVALID'],
      [[], 'RT_USAGE'],
    ] as const) {
      const found = await rt().complaint(['update', ...flags, 'firm'])
      expect([found.code, found.exitCode]).toEqual([code, code === 'RT_USAGE' ? 125 : 1])
    }
    expect((await rt().complaint(['update', '--cpus=1', 'nobody'])).code).toBe('RT_CONTAINER_UNKNOWN')
    expect(await hostConfig(id)).toMatchObject({ NanoCpus: 5e8, CpuQuota: 0, Memory: 0 })
    await rt().out(['rm', '-f', 'firm'])
  })
})
