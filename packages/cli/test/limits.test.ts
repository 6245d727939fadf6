import { describe, expect, it } from 'vitest'
import { cannotRun, useRt } from './rt.ts'

/** Where a container finds a file of its own control group: v1 has a directory for each hierarchy. */
const own = (hierarchy: string, file: string): string =>
  `$(ls -d /sys/fs/cgroup/${hierarchy}/${file} /sys/fs/cgroup/*/${file} /sys/fs/cgroup/${file} 2>/dev/null | head -n 1)`

describe.skipIf(cannotRun)('limits', () => {
  const rt = useRt({ internet: false })
  /** The content of a file of the container's group, by the host's eyes; empty: there is none. */
  const file = (id: string, name: string): Promise<string> =>
    rt().host.sh(`cat /sys/fs/cgroup/*/rt-${id}/${name} /sys/fs/cgroup/rt-${id}/${name} 2>/dev/null || :`)
  const start = async (flags: readonly string[], script: string): Promise<string> =>
    (await rt().out(['run', '-d', '--network=none', ...flags, 'busybox', 'sh', '-c', script])).trim()
  const idOf = async (name: string): Promise<string> =>
    (JSON.parse(await rt().out(['inspect', name])) as [{ Id: string }])[0].Id
  const hostConfig = async (id: string): Promise<Record<string, unknown>> =>
    (JSON.parse(await rt().out(['inspect', id])) as [{ HostConfig: Record<string, unknown> }])[0].HostConfig
  const count = (text: string, key: string): number => Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)

  it('--cpus 0.2 holds a busy loop to 20 %', async () => {
    // Builtins only, so that all time is of the one process: uptime and own ticks at both ends, in hundredths of a second.
    const script = `
      now() { read a _ </proc/uptime; a=\${a%.*}\${a#*.}; read s </proc/1/stat; set -- $s; b=$((\${14} + \${15})); }
      now; start=$a used=$b; echo go
      while [ $((a - start)) -lt 500 ]; do read a _ </proc/uptime; a=\${a%.*}\${a#*.}; done
      now; echo $((b - used)) $((a - start)); read _`
    const measure = async (): Promise<{ percent: number; throttled: number }> => {
      const flags = ['--name=cpu', '--network=none', '--cpus=0.2']
      const running = rt().spawn(['run', '-i', '--rm', ...flags, 'busybox', 'sh', '-c', script])
      await running.waitFor(/go\n/)
      const id = await idOf('cpu')
      const [, used, wall] = await running.waitFor(/(\d+) (\d+)\n/)
      // The group is the container's alone, so all of its counts are of this loop.
      const throttled = count(await file(id, 'cpu.stat'), 'nr_throttled')
      expect(`${await file(id, 'cpu.cfs_quota_us')}${await file(id, 'cpu.max')}`).toMatch(/^20000\b/)
      running.write('\n')
      expect((await running.exit).code).toBe(0)
      return { percent: (100 * Number(used)) / Number(wall), throttled }
    }
    let found = await measure()
    // A machine that is busy otherwise may leave it less than its limit, so that may be tried again; more it may never have.
    for (let more = 3; more > 0 && found.percent < 17; more--) found = await measure()
    // From inside.
    expect(found.percent).toBeGreaterThan(17)
    expect(found.percent).toBeLessThan(23)
    // From the control group: throttled in most periods of 100 ms.
    expect(found.throttled).toBeGreaterThan(25)
  })

  it('--memory 64m kills what takes 100 MB, and only that', async () => {
    const flags = ['--network=none', '--name=greedy', '-m', '64m']
    const greedy = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=100M', 'count=1']
    expect((await rt().run(['run', ...flags, 'busybox', ...greedy])).code).toBe(137)
    const [found] = JSON.parse(await rt().out(['inspect', 'greedy'])) as [{ State: Record<string, unknown> }]
    expect(found.State).toMatchObject({ OOMKilled: true, ExitCode: 137 })
    expect(await rt().host.sh('cat /var/lib/rt/containers/*/exit')).toMatch(/^0 9 \d+ \d+ 0 oom\n$/)
    const events = await rt().out(['events', '--json', '--since=1h', '--until=0s', '--filter=container=greedy'])
    const actions = events.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).Action]))
    expect(actions).toEqual(['create', 'start', 'oom', 'die'])
    await rt().out(['rm', 'greedy'])

    const script = `
      dd if=/dev/zero of=/dev/null bs=100M count=1 2>/dev/null; echo "killed $?"
      dd if=/dev/zero of=/dev/null bs=20M count=1 2>/dev/null; echo "fits $?"
      cat ${own('memory', 'memory.limit_in_bytes')} ${own('.', 'memory.max')}
      cat ${own('memory', 'memory.oom_control')} ${own('.', 'memory.events')} | grep '^oom_kill '; read _`
    const running = rt().spawn([
      ...['run', '-i', '--rm', '--name=memory', '--network=none', '--memory=64m'],
      ...['busybox', 'sh', '-c', script],
    ])
    await running.waitFor(/killed 137\nfits 0\n67108864\noom_kill 1\n/)
    const id = await idOf('memory')
    expect(count(`${await file(id, 'memory.oom_control')}${await file(id, 'memory.events')}`, 'oom_kill')).toBe(1)
    expect(`${await file(id, 'memory.memsw.limit_in_bytes')}${await file(id, 'memory.swap.max')}`).toMatch(
      /^(134217728|67108864)$/m,
    )
    running.write('\n')
    expect((await running.exit).code).toBe(0)
  })

  it('--pids-limit 20 stops a fork bomb, and the host does not notice', async () => {
    const before = (await rt().host.sh('ls -d /proc/[0-9]* | wc -l')).trim()
    const script = `
      current=${own('pids', 'pids.current')}
      sh -c 'while :; do sleep 1000 & done' 2>&1
      read inside <$current; echo "inside $inside"; read _`
    const running = rt().spawn([
      ...['run', '-i', '--rm', '--name=pids', '--network=none', '--pids-limit=20'],
      ...['busybox', 'sh', '-c', script],
    ])
    await running.waitFor(/can't fork.*\n/)
    const [, inside] = await running.waitFor(/inside (\d+)\n/)
    // The shell that could not fork has ended, so one of the twenty is free again.
    expect(Number(inside)).toBeGreaterThanOrEqual(18)
    expect(Number(inside)).toBeLessThanOrEqual(20)
    const id = await idOf('pids')
    expect(Number(await file(id, 'pids.current'))).toBeLessThanOrEqual(20)
    expect(await file(id, 'pids.max')).toBe('20\n')
    expect(count(await file(id, 'pids.events'), 'max')).toBeGreaterThan(0)
    const now = (await rt().host.sh('ls -d /proc/[0-9]* | wc -l')).trim()
    expect(Number(now) - Number(before)).toBeLessThan(25)
    await running.kill('SIGKILL', { group: true })
    await running.exit
    await rt().run(['ps'])
  })

  it('what was asked for arrives in the control group, and inspect has Docker\u2019s names for it', async () => {
    const world = await rt().world.snapshot()
    const id = await start(
      [
        '--cpu-shares=512',
        '--cpu-period=50000',
        '--cpu-quota=25000',
        '--cpuset-cpus=0',
        '--cpuset-mems=0',
        '-m',
        '32m',
        '--memory-swap=48m',
        '--memory-reservation=16m',
        '--pids-limit=30',
      ],
      'sleep 1000',
    )
    expect(
      `${await file(id, 'cpu.cfs_quota_us')}${await file(id, 'cpu.cfs_period_us')}${await file(id, 'cpu.max')}`.split(
        /\s+/,
      ),
    ).toEqual(['25000', '50000', ''])
    expect(`${await file(id, 'cpu.shares')}${await file(id, 'cpu.weight')}`).toMatch(/^(512|59)\n$/)
    expect(await file(id, 'cpuset.cpus')).toBe('0\n')
    expect(`${await file(id, 'memory.memsw.limit_in_bytes')}${await file(id, 'memory.swap.max')}`).toMatch(
      /^(50331648|16777216)\n$/,
    )
    expect(`${await file(id, 'memory.soft_limit_in_bytes')}${await file(id, 'memory.low')}`).toBe('16777216\n')
    expect(await hostConfig(id)).toMatchObject({
      CpuShares: 512,
      CpuPeriod: 50_000,
      CpuQuota: 25_000,
      NanoCpus: 0,
      CpusetCpus: '0',
      CpusetMems: '0',
      Memory: 32 * 1024 ** 2,
      MemorySwap: 48 * 1024 ** 2,
      MemoryReservation: 16 * 1024 ** 2,
      PidsLimit: 30,
    })
    await rt().out(['rm', '-f', id])
    await rt().world.expectNoLeaks(world)
  })

  it('--device-read-bps and --blkio-weight reach the disk', async () => {
    const [major = '', minor = ''] = (
      await rt().host.sh("awk 'NR>2 && $4 ~ /^(vd|sd|nvme)[a-z0-9]*$/ {print $1, $2; exit}' /proc/partitions")
    )
      .trim()
      .split(' ')
    expect(minor, 'a machine with a disk').not.toBe('')
    await rt().host.sh(`mknod /root/disk b ${major} ${minor}`)
    const id = await start(['--device-read-bps=/root/disk:1mb', '--device-write-iops=/root/disk:50'], 'sleep 1000')
    const files = `${await file(id, 'blkio.throttle.read_bps_device')}${await file(id, 'blkio.throttle.write_iops_device')}${await file(id, 'io.max')}`
    expect(files).toMatch(
      new RegExp(`^${major}:${minor} (1048576\n${major}:${minor} 50|rbps=1048576 wbps=max riops=max wiops=50)\n$`),
    )
    expect(await hostConfig(id)).toMatchObject({ BlkioDeviceReadBps: [{ Path: '/root/disk', Rate: 1_048_576 }] })
    await rt().out(['rm', '-f', id])
  })

  it('--device brings a node, for what was allowed only', async () => {
    // The kernel's log; opening it for writing takes no capability.
    await rt().host.sh('mknod /root/log c 1 11')
    const script =
      'stat -c "%F %t,%T" /dev/in/log; : >/dev/in/log && echo written; head -c 1 /dev/in/log 2>&1 | grep -o "not permitted"'
    const out = await rt().out([
      'run',
      '--rm',
      '--network=none',
      '--device=/root/log:/dev/in/log:w',
      'busybox',
      'sh',
      '-c',
      script,
    ])
    expect(out).toBe('character special file 1,b\nwritten\nnot permitted\n')
  })
})
