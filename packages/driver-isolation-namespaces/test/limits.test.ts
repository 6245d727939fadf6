import type { HostStep, OciResources } from '@rt/driver-api'
import { describe, expect, test } from 'vitest'
import { freezeSteps } from '../src/cgroups/freeze.ts'
import type { CgroupHost } from '../src/cgroups/host.ts'
import type { CgroupLayout } from '../src/cgroups/layout.ts'
import { limitedHierarchies, limitSteps } from '../src/cgroups/limits/steps.ts'
import { cpuWeight, ioWeight } from '../src/cgroups/limits/weights.ts'
import { planCgroups } from '../src/cgroups/plan.ts'
import { isFrozen } from '../src/cgroups/processes.ts'
import { updateSteps } from '../src/cgroups/update.ts'
import { usageOf } from '../src/cgroups/usage.ts'
import { joinedHierarchies } from '../src/launch/cgroup-mounts.ts'

const names = ['cpu', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids']
const V1: CgroupLayout = { kind: 'v1', controllers: new Map(names.map((name) => [name, `/cg/${name}`])) }
const V2: CgroupLayout = { kind: 'v2', controllers: new Map(), unified: '/cg' }
/** What systemd calls hybrid, and somebody has given memory and pids to v2. */
const MIXED: CgroupLayout = {
  kind: 'hybrid',
  controllers: new Map([
    ['devices', '/cg/devices'],
    ['cpu', '/cg/cpu,cpuacct'],
    ['cpuacct', '/cg/cpu,cpuacct'],
  ]),
  unified: '/cg/unified',
}

/** A host with these files; a directory exists where something lies in it. */
const host = (files: Readonly<Record<string, string>> = {}): CgroupHost => ({
  read: (path) => files[path],
  exists: (path) => Object.keys(files).some((file) => file === path || file.startsWith(`${path}/`)),
  children: (path) => [
    ...new Set(
      Object.keys(files).flatMap((file) => {
        const [, child] = new RegExp(`^${path}/([^/]+)/`).exec(file) ?? []
        return child === undefined ? [] : [`${path}/${child}`]
      }),
    ),
  ],
})
const V1_HOST = host({
  '/cg/memory/memory.memsw.limit_in_bytes': '',
  '/cg/cpuset/cpuset.cpus': '0-3\n',
  '/cg/cpuset/cpuset.mems': '0\n',
})
const ALL = 'cpuset cpu io memory pids'
const V2_FILES = { '/cg/cgroup.controllers': `${ALL}\n`, '/cg/cgroup.subtree_control': `${ALL}\n` }

const text = (steps: readonly HostStep[]): string[] =>
  steps.map((step) =>
    'value' in step && 'path' in step
      ? `${step.path} = ${step.value}`
      : `${step.op} ${'path' in step ? step.path : ''}`,
  )
const plan = (resources: OciResources, layout: CgroupLayout, on: CgroupHost) => {
  const limits = limitSteps('x', resources, layout, on)
  const plan = planCgroups('x', layout, { limits })
  return { ...plan, writes: text(plan.enter).filter((line) => !line.includes('devices')) }
}
const MB = 1024 ** 2

const EVERYTHING: OciResources = {
  cpu: { shares: 512, quota: 20_000, period: 100_000, cpus: '0-1' },
  memory: { limit: 64 * MB, reservation: 32 * MB },
  pids: { limit: 20 },
  blockIO: {
    weight: 500,
    throttleReadBpsDevice: [{ major: 8, minor: 0, rate: MB }],
    throttleWriteIOPSDevice: [{ major: 8, minor: 0, rate: 100 }],
  },
}

describe('limits at the start', () => {
  test('v1: a directory in each hierarchy that has something to limit', () => {
    const { writes, directories, oomEvents } = plan(EVERYTHING, V1, V1_HOST)
    expect(writes).toEqual([
      'cgroup.make /cg/cpuset/rt-x',
      '/cg/cpuset/rt-x/cpuset.cpus = 0-1',
      '/cg/cpuset/rt-x/cpuset.mems = 0',
      'cgroup.make /cg/cpu/rt-x',
      '/cg/cpu/rt-x/cpu.shares = 512',
      '/cg/cpu/rt-x/cpu.cfs_period_us = 100000',
      '/cg/cpu/rt-x/cpu.cfs_quota_us = 20000',
      'cgroup.make /cg/memory/rt-x',
      `/cg/memory/rt-x/memory.limit_in_bytes = ${64 * MB}`,
      `/cg/memory/rt-x/memory.memsw.limit_in_bytes = ${128 * MB}`,
      `/cg/memory/rt-x/memory.soft_limit_in_bytes = ${32 * MB}`,
      'cgroup.make /cg/pids/rt-x',
      '/cg/pids/rt-x/pids.max = 20',
      'cgroup.make /cg/blkio/rt-x',
      '/cg/blkio/rt-x/blkio.bfq.weight = 500',
      `/cg/blkio/rt-x/blkio.throttle.read_bps_device = 8:0 ${MB}`,
      '/cg/blkio/rt-x/blkio.throttle.write_iops_device = 8:0 100',
    ])
    expect(directories).toEqual(
      ['devices', 'cpuset', 'cpu', 'memory', 'pids', 'blkio'].map((name) => `/cg/${name}/rt-x`),
    )
    expect(oomEvents).toBe('/cg/memory/rt-x/memory.oom_control')
  })

  test('v2: one directory', () => {
    const { writes, directories, oomEvents } = plan(EVERYTHING, V2, host(V2_FILES))
    expect(writes).toEqual([
      'cgroup.make /cg/rt-x',
      '/cg/rt-x/cpuset.cpus = 0-1',
      '/cg/rt-x/cpu.weight = 59',
      '/cg/rt-x/cpu.max = 20000 100000',
      `/cg/rt-x/memory.max = ${64 * MB}`,
      `/cg/rt-x/memory.swap.max = ${64 * MB}`,
      `/cg/rt-x/memory.low = ${32 * MB}`,
      '/cg/rt-x/pids.max = 20',
      '/cg/rt-x/io.weight = 4950',
      `/cg/rt-x/io.max = 8:0 rbps=${MB}`,
      '/cg/rt-x/io.max = 8:0 wiops=100',
    ])
    expect(directories).toEqual(['/cg/rt-x'])
    expect(oomEvents).toBe('/cg/rt-x/memory.events')
  })

  test('mixed: each controller where it lives, and only what is missing is given to children', () => {
    const files = {
      '/cg/unified/cgroup.controllers': 'memory pids io',
      '/cg/unified/cgroup.subtree_control': 'pids',
    }
    const { enter, directories } = plan(
      { cpu: { quota: 20_000, period: 100_000 }, memory: { limit: 64 * MB }, pids: { limit: 20 } },
      MIXED,
      host(files),
    )
    const lines = text(enter).filter((line) => !line.includes('/devices/'))
    expect(lines).toEqual([
      '/cg/unified/cgroup.subtree_control = +memory',
      'cgroup.make /cg/cpu,cpuacct/rt-x',
      '/cg/cpu,cpuacct/rt-x/cpu.cfs_period_us = 100000',
      '/cg/cpu,cpuacct/rt-x/cpu.cfs_quota_us = 20000',
      'cgroup.make /cg/unified/rt-x',
      `/cg/unified/rt-x/memory.max = ${64 * MB}`,
      `/cg/unified/rt-x/memory.swap.max = ${64 * MB}`,
      '/cg/unified/rt-x/pids.max = 20',
    ])
    expect(enter[0]).toMatchObject({ shared: true })
    expect(directories).toEqual(['/cg/devices/rt-x', '/cg/cpu,cpuacct/rt-x', '/cg/unified/rt-x'])
  })

  test.each([
    ['v1', V1, ['/cg/devices/rt-x']],
    ['v2', V2, ['/cg/rt-x']],
    ['mixed', MIXED, ['/cg/devices/rt-x']],
  ] as const)(
    '%s without limits: only what controls devices, but the end knows of all that may come',
    (_, layout, expected) => {
      const { directories, leave } = planCgroups('x', layout)
      expect(directories).toEqual(expected)
      const removed = leave.flatMap((step) => (step.op === 'cgroup.remove' ? [step.path] : []))
      expect(new Set(removed).size).toBe(removed.length)
      const all = [...layout.controllers.values(), ...(layout.unified === undefined ? [] : [layout.unified])]
      expect(removed.sort()).toEqual([...new Set(all)].map((path) => `${path}/rt-x`).sort())
    },
  )

  test.each([
    [
      'v1',
      V1,
      V1_HOST,
      { limit: 64 * MB, swap: -1 },
      ['memory.limit_in_bytes = 67108864', 'memory.memsw.limit_in_bytes = -1'],
    ],
    ['v2', V2, host(V2_FILES), { limit: 64 * MB, swap: -1 }, ['memory.max = 67108864', 'memory.swap.max = max']],
    ['v2', V2, host(V2_FILES), { limit: 64 * MB, swap: 64 * MB }, ['memory.max = 67108864', 'memory.swap.max = 0']],
  ] as const)('%s: --memory-swap', (_, layout, on, memory, expected) => {
    const { writes } = plan({ memory }, layout, on)
    expect(writes.slice(1).map((line) => line.replace(/^.*\//, ''))).toEqual(expected)
  })

  test.each([
    ['v1', V1, host({ '/cg/memory/other/memory.limit_in_bytes': '' })],
    ['v2', V2, host({ ...V2_FILES, '/cg/other/memory.max': '' })],
  ] as const)(
    '%s: swap that is not counted is a warning as a default, and left to the kernel when it was asked for',
    (_, layout, on) => {
      const byDefault = plan({ memory: { limit: 64 * MB } }, layout, on)
      expect(byDefault.warnings).toEqual([expect.stringContaining('does not count swap')])
      expect(byDefault.writes.join()).not.toMatch(/swap|memsw/)
      const asked = plan({ memory: { limit: 64 * MB, swap: 128 * MB } }, layout, on)
      const [step] = asked.enter.filter((one) => 'path' in one && /swap.max|memsw/.test(one.path))
      expect(step?.failure?.ENOENT).toMatchObject({
        code: 'RT_LIMIT_UNSUPPORTED',
        message: expect.stringContaining('--memory-swap'),
      })
    },
  )

  test.each([
    [
      'v1',
      { ...V1, controllers: new Map([['devices', '/cg/devices']]) },
      '#subsys\ncpu\t1\t1\t1\nmemory\t0\t1\t0\n',
      { memory: { limit: 64 * MB } },
      /^--memory .*memory controller is switched off/,
    ],
    [
      'v1',
      { ...V1, controllers: new Map([['devices', '/cg/devices']]) },
      'pids\t0\t1\t1\n',
      { pids: { limit: 20 } },
      /^--pids-limit .*no writable/,
    ],
    ['v2', V2, 'cpu\t0\t1\t1\n', { blockIO: { weight: 100 } }, /^--blkio-weight .*kernel has no blkio/],
    [
      'none',
      { kind: 'none', controllers: new Map() },
      'cpu\t0\t1\t1\n',
      { cpu: { quota: 10_000 } },
      /^--cpus .*no writable/,
    ],
  ] as const)(
    '%s: a controller that is missing is named with the flag and the reason',
    (_, layout, cgroups, resources, message) => {
      const on = host({ '/proc/cgroups': cgroups, '/cg/cgroup.controllers': 'cpu memory' })
      expect(() => limitSteps('x', resources, layout, on)).toThrow(
        expect.objectContaining({ code: 'RT_LIMIT_UNSUPPORTED', message: expect.stringMatching(message) }),
      )
    },
  )

  test('BFQ takes its weight as it is', () => {
    const on = host({ ...V2_FILES, '/cg/other/io.bfq.weight': '' })
    expect(plan({ blockIO: { weight: 300 } }, V2, on).writes).toContain('/cg/rt-x/io.bfq.weight = 300')
  })

  test('weights keep their defaults and their ends', () => {
    expect([2, 1024, 262_144].map(cpuWeight)).toEqual([1, 100, 10_000])
    expect([10, 1000].map(ioWeight)).toEqual([1, 10_000])
  })

  test('--device adds a rule', () => {
    const devices = [{ allow: true, type: 'c', major: 10, minor: 229, access: 'rw' }] as const
    expect(text(planCgroups('x', V1, { devices }).enter)).toContain('/cg/devices/rt-x/devices.allow = c 10:229 rw')
    expect(planCgroups('x', V2, { devices }).enter[1]).toMatchObject({
      allow: expect.arrayContaining(['c 10:229 rw', 'c 1:3 rwm']),
    })
  })
})

describe('limits of a running container', () => {
  const memory = (now: number) => ({
    '/cg/memory/rt-x/memory.memsw.limit_in_bytes': `${now}\n`,
    '/cg/memory/memory.memsw.limit_in_bytes': '',
  })

  test.each([
    ['grows: the sum first', { limit: 128 * MB }, ['memsw', 'limit']],
    ['shrinks: the sum last', { limit: 32 * MB }, ['limit', 'memsw']],
    ['is lifted: the sum first', { limit: -1, swap: -1 }, ['memsw', 'limit']],
  ])('v1 memory %s', (_, wanted, order) => {
    const steps = updateSteps('x', { memory: wanted }, V1, host(memory(128 * MB)))
    expect(text(steps).map((line) => /memory\.(memsw|limit)|gather/.exec(line)?.[1])).toEqual([...order, undefined])
  })

  test('v1: a hierarchy that was not joined is made, limited, and only then filled', () => {
    const steps = updateSteps('x', { pids: { limit: 20 } }, V1, host())
    expect(text(steps)).toEqual([
      'cgroup.make /cg/pids/rt-x',
      '/cg/pids/rt-x/pids.max = 20',
      'cgroup.gather /cg/pids/rt-x',
    ])
    expect(steps[2]).toMatchObject({ from: '/cg/devices/rt-x' })
  })

  test('v2: the files are there', () => {
    const on = host({ ...V2_FILES, '/cg/rt-x/cgroup.procs': '7\n' })
    expect(text(updateSteps('x', { pids: { limit: -1 } }, V2, on))).toEqual(['/cg/rt-x/pids.max = max'])
  })

  test('v2: a limit below what is used now is refused, because the kernel would kill', () => {
    const on = (current: number) =>
      host({
        ...V2_FILES,
        '/cg/rt-x/memory.current': `${current}\n`,
        '/cg/rt-x/memory.stat': `anon 1\ninactive_file ${8 * MB}\n`,
      })
    const update = (current: number) => updateSteps('x', { memory: { limit: 32 * MB } }, V2, on(current))
    expect(() => update(48 * MB)).toThrow(expect.objectContaining({ code: 'RT_LIMIT_BUSY' }))
    // Cache can be given back.
    expect(text(update(36 * MB))[0]).toBe(`/cg/rt-x/memory.max = ${32 * MB}`)
  })

  test('freezing: v1 joins the freezer first, v2 is there already', () => {
    expect(text(freezeSteps('x', true, V1, host()))).toEqual([
      'cgroup.make /cg/freezer/rt-x',
      'cgroup.gather /cg/freezer/rt-x',
      'cgroup.freeze /cg/freezer/rt-x',
    ])
    expect(freezeSteps('x', false, V1, host())).toEqual([])
    expect(freezeSteps('x', true, V2, host({ '/cg/rt-x/cgroup.procs': '' }))).toMatchObject([
      { op: 'cgroup.freeze', version: 2, path: '/cg/rt-x' },
    ])
    expect(isFrozen('x', V1, host({ '/cg/freezer/rt-x/freezer.state': 'FREEZING\n' }))).toBe(false)
    expect(isFrozen('x', V1, host({ '/cg/freezer/rt-x/freezer.state': 'FROZEN\n' }))).toBe(true)
    expect(isFrozen('x', V2, host({ '/cg/rt-x/cgroup.events': 'populated 1\nfrozen 1\n' }))).toBe(true)
    expect(isFrozen('x', V1, host())).toBe(false)
  })
})

describe('usage', () => {
  test('v1, without hierarchies for it: the sum over its processes', () => {
    const stat = (pid: number, name: string) =>
      `${pid} (${name}) S ${[1, 1, 1, 0, -1, 0, 0, 0, 0, 0, 100, 50, 30, 20, 20, 0, 3, 0, 5].join(' ')}`
    const on = host({
      '/cg/devices/rt-x/cgroup.procs': '7\n8\n9\n',
      '/proc/7/stat': stat(7, 'sh'),
      '/proc/7/smaps_rollup': 'Rss: 9 kB\nPss:   100 kB\nPss_Dirty: 3 kB\n',
      '/proc/7/io': 'rchar: 5\nread_bytes: 4096\nwrite_bytes: 1\n',
      '/proc/8/stat': stat(8, 'a) b ('),
    })
    expect(usageOf('x', V1, on)).toEqual({
      cpuNanoseconds: 4e9,
      memoryBytes: 100 * 1024,
      pids: 6,
      blockReadBytes: 4096,
      blockWriteBytes: 1,
    })
  })

  test('v1 files', () => {
    const on = host({
      '/cg/memory/rt-x/memory.usage_in_bytes': '5000\n',
      '/cg/memory/rt-x/memory.stat': 'inactive_file 1\ntotal_inactive_file 2000\n',
      '/cg/memory/rt-x/memory.limit_in_bytes': '9223372036854771712\n',
      '/cg/pids/rt-x/pids.current': '4\n',
      '/cg/pids/rt-x/pids.max': '20\n',
      '/cg/blkio/rt-x/blkio.throttle.io_service_bytes_recursive':
        '8:0 Read 10\n8:0 Write 20\n8:0 Total 30\n8:16 Read 1\nTotal 31\n',
      '/cg/devices/rt-x/cgroup.procs': '',
    })
    expect(usageOf('x', V1, on)).toEqual({
      cpuNanoseconds: 0,
      memoryBytes: 3000,
      pids: 4,
      pidsLimit: 20,
      blockReadBytes: 11,
      blockWriteBytes: 20,
    })
  })

  test('v2 files', () => {
    const on = host({
      ...V2_FILES,
      '/cg/rt-x/cpu.stat': 'usage_usec 1500\nuser_usec 1000\n',
      '/cg/rt-x/memory.current': '5000\n',
      '/cg/rt-x/memory.stat': 'anon 1\ninactive_file 2000\n',
      '/cg/rt-x/memory.max': '67108864\n',
      '/cg/rt-x/pids.current': '4\n',
      '/cg/rt-x/pids.max': 'max\n',
      '/cg/rt-x/io.stat': '8:0 rbytes=10 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n8:16 rbytes=5 wbytes=0\n',
    })
    expect(usageOf('x', V2, on)).toEqual({
      cpuNanoseconds: 1_500_000,
      memoryBytes: 3000,
      memoryLimitBytes: 67_108_864,
      pids: 4,
      blockReadBytes: 15,
      blockWriteBytes: 20,
    })
  })
})

test('a container sees the hierarchies that it joined', () => {
  const on = host({ '/cg/unified/cgroup.controllers': 'memory' })
  const paths = limitedHierarchies({ cpu: { quota: 1000 }, memory: { limit: 64 * MB } }, MIXED, on)
  expect(joinedHierarchies(paths, MIXED)).toEqual([
    { name: 'cpu,cpuacct', controllers: ['cpu', 'cpuacct'] },
    { name: 'unified', controllers: [] },
  ])
})
