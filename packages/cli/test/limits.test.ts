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
    const running = rt().spawn(['run', '-i', '--rm', '--network=none', '--cpus=0.2', 'busybox', 'sh', '-c', script])
    await running.waitFor(/go\n/)
    const id = (await rt().out(['ps', '-q', '--no-trunc'])).trim()
    const before = count(await file(id, 'cpu.stat'), 'nr_throttled')
    const [, used, wall] = await running.waitFor(/(\d+) (\d+)\n/)
    const stat = await file(id, 'cpu.stat')
    // From inside.
    const percent = (100 * Number(used)) / Number(wall)
    expect(percent).toBeGreaterThan(17)
    expect(percent).toBeLessThan(23)
    // From the control group: throttled in nearly every period of 100 ms.
    expect(count(stat, 'nr_throttled') - before).toBeGreaterThan(35)
    expect(`${await file(id, 'cpu.cfs_quota_us')}${await file(id, 'cpu.max')}`).toMatch(/^20000\b/)
    running.write('\n')
    expect((await running.exit).code).toBe(0)
  })

  it('--memory 64m kills what takes 100 MB, and only that', async () => {
    const { code } = await rt().run([
      'run',
      '--rm',
      '--network=none',
      '-m',
      '64m',
      'busybox',
      'dd',
      'if=/dev/zero',
      'of=/dev/null',
      'bs=100M',
      'count=1',
    ])
    expect(code).toBe(137)

    const script = `
      dd if=/dev/zero of=/dev/null bs=100M count=1 2>/dev/null; echo "killed $?"
      dd if=/dev/zero of=/dev/null bs=20M count=1 2>/dev/null; echo "fits $?"
      cat ${own('memory', 'memory.limit_in_bytes')} ${own('.', 'memory.max')}
      cat ${own('memory', 'memory.oom_control')} ${own('.', 'memory.events')} | grep '^oom_kill '; read _`
    const running = rt().spawn(['run', '-i', '--rm', '--network=none', '--memory=64m', 'busybox', 'sh', '-c', script])
    await running.waitFor(/killed 137\nfits 0\n67108864\noom_kill 1\n/)
    const id = (await rt().out(['ps', '-q', '--no-trunc'])).trim()
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
      'run',
      '-i',
      '--rm',
      '--network=none',
      '--pids-limit=20',
      'busybox',
      'sh',
      '-c',
      script,
    ])
    await running.waitFor(/can't fork.*\n/)
    const [, inside] = await running.waitFor(/inside (\d+)\n/)
    // The shell that could not fork has ended, so one of the twenty is free again.
    expect(Number(inside)).toBeGreaterThanOrEqual(18)
    expect(Number(inside)).toBeLessThanOrEqual(20)
    const id = (await rt().out(['ps', '-q', '--no-trunc'])).trim()
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
    // Every process is in every group: what a group does not have has just been born or has just died.
    const lonely = await rt().host.sh(`
      for pid in $(cat /sys/fs/cgroup/devices/rt-${id}/cgroup.procs /sys/fs/cgroup/rt-${id}/cgroup.procs 2>/dev/null); do
        [ "$(grep -cE ':(memory|cpu|cpuset|pids|cpu,cpuacct):/rt-|^0::/rt-' /proc/$pid/cgroup)" -ge "$([ -d /sys/fs/cgroup/rt-${id} ] && echo 1 || echo 4)" ] || [ ! -d /proc/$pid ] || echo $pid
      done`)
    expect(lonely).toBe('')
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

describe.skipIf(cannotRun)('the isolation driver, asked of a running container', () => {
  const rt = useRt({ internet: false })
  /** The driver itself, in the world, as the commands call it. */
  const ask = async <T>(id: string, script: string): Promise<T> => {
    const program = `
      const { NamespacesDriver } = await import('@rt/driver-isolation-namespaces')
      const { performSteps } = await import('@rt/native')
      const driver = new NamespacesDriver({ root: '/var/lib/rt', runRoot: '/run/rt', options: {} })
      const container = { id: ${JSON.stringify(id)} }
      const freeze = async (frozen) => performSteps(await driver.freeze(container, frozen))
      const answer = await (async () => { ${script} })()
      console.log(JSON.stringify(answer ?? null))`
    const argv = [process.execPath, '--no-warnings', '--conditions=@rt/source', '--input-type=module', '-e', program]
    const { code, stdout, stderr } = await rt().host.run(argv, { cwd: `${rt().world.checkout}/packages/cli` })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    return JSON.parse(stdout) as T
  }
  const busy = async (): Promise<string> =>
    (
      await rt().out([
        'run',
        '-d',
        '--network=none',
        '--name=busy',
        'busybox',
        'sh',
        '-c',
        'sleep 1000 & while :; do :; done',
      ])
    ).trim()

  it('freezes and thaws it', async () => {
    const world = await rt().world.snapshot()
    const id = await busy()
    const found = await ask<{ ran: number; stood: number; states: boolean[] }>(
      id,
      `const cpu = async () => (await driver.usage(container)).cpuNanoseconds
       const over = async () => { const a = await cpu(); await new Promise((done) => setTimeout(done, 300)); return await cpu() - a }
       const states = [driver.isFrozen(container)]
       const ran = await over()
       await freeze(true); states.push(driver.isFrozen(container))
       const stood = await over()
       await freeze(false); states.push(driver.isFrozen(container))
       return { ran, stood, states }`,
    )
    expect(found.states).toEqual([false, true, false])
    expect(found.ran).toBeGreaterThan(20e6)
    expect(found.stood).toBe(0)
    // Killed while it is frozen: v1 lets nobody die who stands still.
    await ask(id, 'await freeze(true)')
    await rt().out(['rm', '-f', 'busy'])
    await rt().world.expectNoLeaks(world)
  })

  it('knows its processes and what they use', async () => {
    const id = await busy()
    const { pids, usage } = await ask<{ pids: number[]; usage: Record<string, number> }>(
      id,
      'return { pids: driver.processes(container), usage: await driver.usage(container) }',
    )
    const names = await rt().host.sh(`for pid in ${pids.join(' ')}; do tr '\\0' ' ' </proc/$pid/cmdline; echo; done`)
    expect(names.trim().split('\n').sort()).toEqual([expect.stringMatching(/^sh -c/), 'sleep 1000 '])
    expect(usage.pids).toBe(2)
    expect(usage.cpuNanoseconds).toBeGreaterThan(0)
    expect(usage.memoryBytes).toBeGreaterThan(50_000)
    expect(usage.memoryBytes).toBeLessThan(16e6)
    await rt().out(['rm', '-f', 'busy'])
  })
})

describe.skipIf(cannotRun)('limits that cannot be', () => {
  const rt = useRt({ internet: false })
  it.each([
    [['-m', '1k'], /1024 bytes.*6 MiB/],
    [['-m', 'lots'], /"lots" is not a size/],
    [['-m', '64m', '--memory-swap=32m'], /--memory-swap.*less than --memory/],
    [['--memory-swap=64m'], /needs --memory/],
    [['-m', '64m', '--memory-reservation=65m'], /--memory-reservation.*more than --memory/],
    [['--cpus=-1'], /"-1" is not a number/],
    [['--cpus=NaN'], /"NaN" is not a number/],
    [['--cpus=0.001'], /0\.001 CPUs cannot be had/],
    [['--cpus=4096'], /4096 CPUs cannot be had: this machine has \d+/],
    [['--cpus=1', '--cpu-quota=10000'], /--cpus and --cpu-quota/],
    [['--cpu-quota=10'], /--cpu-quota: 10 is out of range/],
    [['--cpu-period=10'], /--cpu-period: 10 is out of range/],
    [['-c', '1'], /--cpu-shares: 1 is out of range/],
    [['--cpuset-cpus=0,4095'], /no CPU 4095/],
    [['--cpuset-cpus=1-0'], /"1-0" is not a list/],
    [['--cpuset-mems=77'], /no memory node 77/],
    [['--pids-limit=-2'], /"-2" is not a whole number/],
    [['--blkio-weight=9'], /--blkio-weight: 9 is out of range/],
    [['--device-read-bps=/dev/null:1mb'], /\/dev\/null is not a disk/],
    [['--device-write-iops=100'], /not a disk and a rate/],
    [['--device=/etc/passwd'], /\/etc\/passwd is not a device/],
    [['--device=/dev/null:/dev/x:rx'], /"rx" is not made of/],
  ])('%j', async (flags, sentence) => {
    const found = await rt().complaint(['run', '--rm', '--network=none', ...flags, 'busybox', 'true'])
    expect(found.sentence).toMatch(sentence)
    expect(found.code).toMatch(/^RT_(LIMIT_INVALID|USAGE)$/)
    expect(found.exitCode).toBe(125)
  })

  it('0 is no limit, as in Docker', async () => {
    const flags = ['--cpus=0', '-m', '0', '--pids-limit=0', '--cpu-shares=0', '--cpu-quota=0', '--blkio-weight=0']
    expect(await rt().out(['run', '--rm', '--network=none', ...flags, 'busybox', 'echo', 'fine'])).toBe('fine\n')
  })
})
