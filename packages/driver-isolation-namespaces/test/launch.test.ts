import type { HostStep, LaunchRequest, OciMount, OciSpec, SandboxStep } from '@rt/driver-api'
import { describe, expect, test } from 'vitest'
import { joinedCgroups } from '../src/cgroups/joined.ts'
import { planCgroups } from '../src/cgroups/plan.ts'
import NamespacesDriver, { type CgroupLayout, seccompFilter } from '../src/index.ts'
import { type EnterSurroundings, enterSteps } from '../src/launch/enter.ts'
import { defaultNofile } from '../src/launch/limits.ts'
import { type LaunchSurroundings, sandboxSteps } from '../src/launch/plan.ts'

const mount = (destination: string, type: string, options: string[] = [], source = type): OciMount => ({
  destination,
  type,
  source,
  options,
})
const process_: OciSpec['process'] = {
  terminal: false,
  args: ['sh', '-c', 'true'],
  env: ['PATH=/bin'],
  cwd: '/srv',
  user: { username: '', additionalGids: [] },
  capabilities: ['CAP_CHOWN', 'CAP_MKNOD'],
  noNewPrivileges: false,
}
const container = { id: 'a'.repeat(64), name: 'box', hostname: 'box' }
const rootMount: SandboxStep = {
  where: 'sandbox',
  op: 'mount',
  source: 'overlay',
  target: '/run/root',
  inside: false,
  type: 'overlay',
  flags: [],
  why: 'root',
}

function plan(
  change: {
    process?: Partial<OciSpec['process']>
    mounts?: OciMount[]
    readonly?: boolean
    sysctl?: Record<string, string>
    init?: boolean
  } = {},
  host: { [K in keyof LaunchSurroundings]?: LaunchSurroundings[K] | undefined } = {},
): SandboxStep[] {
  const request: LaunchRequest = {
    container,
    rootMounts: [rootMount],
    rootMountPoint: '/run/root',
    network: 'new',
    futureFiles: [],
    spec: {
      ociVersion: '1.2.0',
      hostname: 'box',
      root: { path: '/run/root', readonly: change.readonly ?? false },
      process: { ...process_, ...change.process },
      mounts: change.mounts ?? [],
      linux: {
        namespaces: [{ type: 'uts' }, { type: 'cgroup' }],
        maskedPaths: ['/proc/kcore'],
        readonlyPaths: ['/proc/sys'],
        seccomp: 'default',
        cgroupsPath: '/rt-x',
        ...(change.sysctl && { sysctl: change.sysctl }),
      },
    },
    ...(change.init && { init: true }),
  }
  return sandboxSteps(request, {
    root: 'pivot',
    cgroups: 'hybrid',
    devicesControlled: true,
    filter: 'AAAA',
    nofile: [1024, 4096],
    isDirectory: (path) => !path.endsWith('.conf'),
    ...host,
  } as LaunchSurroundings)
}
const ops = (steps: readonly SandboxStep[]) => steps.map(({ op }) => op)
const only = <Op extends SandboxStep['op']>(steps: readonly SandboxStep[], op: Op) =>
  steps.filter((step): step is Extract<SandboxStep, { op: Op }> => step.op === op)

describe('the order of a launch', () => {
  test('of a plain container', () => {
    const steps = plan({ mounts: [mount('/proc', 'proc')] })
    expect(ops(steps)).toEqual([
      'mount', // the tree becomes private
      'mount', // the storage driver's root
      'root.set',
      'namespace.unshare',
      'mount', // /proc
      'inside.mask',
      'inside.readonly',
      'hostname',
      'root.enter',
      'process.chdir',
      'process.reset',
      'process.seccomp',
      'process.capabilities',
      'process.user',
      'process.exec',
    ])
    expect(steps[0]).toMatchObject({ target: '/', flags: ['rec', 'private'], inside: false })
    expect(steps[1]).toBe(rootMount)
  })

  test('with no_new_privs the filter comes last, so that it need not allow what the steps before it do', () => {
    expect(ops(plan({ process: { noNewPrivileges: true } })).slice(-6)).toEqual([
      'process.reset',
      'process.capabilities',
      'process.user',
      'process.no_new_privs',
      'process.seccomp',
      'process.exec',
    ])
  })

  test('a missing working directory is made before the root becomes read-only, a terminal after that', () => {
    const order = ops(plan({ readonly: true, process: { terminal: true } }))
    const parts = ['root.enter', 'process.chdir', 'root.readonly', 'terminal', 'process.reset']
    expect(order.filter((op) => parts.includes(op))).toEqual(parts)
  })

  test('unconfined: no filter', () => {
    expect(ops(plan({}, { filter: undefined }))).not.toContain('process.seccomp')
  })

  test('every step tells a learner why, in one sentence, and where to read on', () => {
    const steps = plan(
      {
        readonly: true,
        process: { terminal: true, noNewPrivileges: true },
        mounts: [
          mount('/dev', 'tmpfs'),
          mount('/x', 'bind', ['rbind', 'ro', 'nosuid'], '/y'),
          mount('/t', 'tmpfs'),
          mount('/sys/fs/cgroup', 'cgroup'),
        ],
      },
      { devicesControlled: false, cgroups: 'v2' },
    )
    for (const step of steps) {
      if (step === rootMount) continue
      expect(step.why).toMatch(/^\S.*[.]$/)
      expect(step.see).toMatch(/\S/)
    }
  })
})

describe('mounts', () => {
  test('options become flags and data', () => {
    const [, , , , dev] = plan({
      mounts: [mount('/dev/shm', 'tmpfs', ['nosuid', 'noexec', 'mode=1777', 'size=64m'], 'shm')],
    })
    expect(dev).toMatchObject({
      source: 'shm',
      target: '/dev/shm',
      inside: true,
      type: 'tmpfs',
      flags: ['nosuid', 'noexec'],
      data: 'mode=1777,size=64m',
      create: 'dir',
    })
  })

  test('a later word takes an earlier one back', () => {
    const [, , , , run] = plan({
      mounts: [mount('/run', 'tmpfs', ['noexec', 'nosuid', 'nodev', 'exec', 'rw', 'rprivate'])],
    })
    expect(run).toMatchObject({ flags: ['nosuid', 'nodev'] })
    expect(run).not.toHaveProperty('data')
  })

  test("/dev is filled with Docker's nodes and links at once, so that the user can mount over them", () => {
    const steps = plan({ mounts: [mount('/dev', 'tmpfs'), mount('/dev/null', 'bind', ['bind'], '/x.conf')] })
    expect(only(steps, 'inside.mknod').map(({ path, major, minor, mode }) => [path, major, minor, mode])).toEqual([
      ['/dev/null', 1, 3, 0o666],
      ['/dev/zero', 1, 5, 0o666],
      ['/dev/full', 1, 7, 0o666],
      ['/dev/random', 1, 8, 0o666],
      ['/dev/urandom', 1, 9, 0o666],
      ['/dev/tty', 5, 0, 0o666],
    ])
    expect(only(steps, 'inside.symlink').map(({ path, target }) => `${path} -> ${target}`)).toEqual([
      '/dev/ptmx -> pts/ptmx',
      '/dev/fd -> /proc/self/fd',
      '/dev/stdin -> /proc/self/fd/0',
      '/dev/stdout -> /proc/self/fd/1',
      '/dev/stderr -> /proc/self/fd/2',
      '/dev/core -> /proc/kcore',
    ])
    const targets = steps.map((step) => ('target' in step && step.op === 'mount' ? step.target : step.op))
    expect(targets.indexOf('/dev/null')).toBeGreaterThan(targets.lastIndexOf('inside.symlink'))
  })

  test("the user's own /dev gets no nodes", () => {
    expect(ops(plan({ mounts: [mount('/dev', 'bind', ['rbind'], '/dev')] }))).not.toContain('inside.mknod')
  })

  test('a bind makes what it needs: a file for a file', () => {
    const steps = plan({
      mounts: [mount('/a', 'bind', ['rbind', 'rprivate'], '/host/dir'), mount('/b', 'bind', ['rbind'], '/host/x.conf')],
    })
    expect(only(steps, 'mount').slice(2)).toMatchObject([
      { source: '/host/dir', target: '/a', flags: ['bind', 'rec'], create: 'dir' },
      { source: '/host/x.conf', target: '/b', flags: ['bind', 'rec'], create: 'file' },
    ])
  })

  test('flags of a bind', () => {
    const steps = plan({ mounts: [mount('/a', 'bind', ['rbind', 'ro', 'nosuid'], '/h')] })
    expect(steps[4]).toMatchObject({ op: 'mount', target: '/a', flags: ['bind', 'rec', 'ro', 'nosuid'] })
  })

  test.each([
    ['v2', ['cgroup2']],
    ['v1', []],
    ['hybrid', []],
  ] as const)('the control groups of a %s host', (cgroups, types) => {
    const steps = plan({ mounts: [mount('/sys/fs/cgroup', 'cgroup', ['ro'])] }, { cgroups })
    expect(
      only(steps, 'mount')
        .filter(({ target }) => target === '/sys/fs/cgroup')
        .map(({ type }) => type),
    ).toEqual(types)
  })
})

describe('the process', () => {
  test('capabilities, user, limits, command', () => {
    const steps = plan({
      process: {
        user: { username: 'www-data', additionalGids: [7] },
      },
    })
    expect(only(steps, 'process.capabilities')).toMatchObject([{ keep: ['CAP_CHOWN', 'CAP_MKNOD'] }])
    expect(only(steps, 'process.user')).toMatchObject([{ user: 'www-data', additionalGids: [7] }])
    expect(only(steps, 'process.reset')).toMatchObject([{ nofile: [1024, 4096] }])
    expect(only(steps, 'process.exec')).toMatchObject([{ argv: ['sh', '-c', 'true'], env: ['PATH=/bin'] }])
    expect(only(plan(), 'process.user')).toMatchObject([{ user: '0' }])
  })

  test('errors of exec are told as shells tell them', () => {
    const [exec] = only(plan({ process: { args: ['nope'] } }), 'process.exec')
    expect(exec?.failure?.ENOENT).toMatchObject({
      code: 'RT_COMMAND_NOT_FOUND',
      message: expect.stringContaining('"nope"'),
    })
    for (const errno of ['EACCES', 'ENOEXEC', 'ENOTDIR']) {
      expect(exec?.failure?.[errno]).toMatchObject({ code: 'RT_COMMAND_NOT_EXECUTABLE' })
    }
  })
})

describe('the limit of open files', () => {
  test.each<[string, string, readonly [number, number]]>([
    [
      'as the caller may have',
      'Max open files            20000                20000                files',
      [1024, 20000],
    ],
    ['a low one', 'Max open files            256                256                files', [256, 256]],
    ['none', 'Max open files            1024                 unlimited            files', [1024, 1024]],
  ])('%s', (_, line, expected) => {
    expect(defaultNofile(`Limit   Soft Limit  Hard Limit  Units\n${line}\nMax locked memory 1 2 bytes\n`)).toEqual(
      expected,
    )
  })

  test("the spec's own wins", async () => {
    const driver = new NamespacesDriver({ root: '/x', runRoot: '/x', options: {} })
    const spec: OciSpec = {
      ociVersion: '1.2.0',
      hostname: 'box',
      root: { path: '/r', readonly: false },
      process: { ...process_, rlimits: [{ type: 'RLIMIT_NOFILE', soft: 10, hard: 20 }] },
      mounts: [],
      linux: { namespaces: [], maskedPaths: [], readonlyPaths: [], cgroupsPath: '/x' },
    }
    const { sandbox } = await driver.launch({
      container,
      spec,
      rootMounts: [],
      rootMountPoint: '/r',
      network: 'new',
      futureFiles: [],
    })
    expect(only(sandbox, 'process.reset')).toMatchObject([{ nofile: [10, 20] }])
  })
})

describe('where nothing controls devices', () => {
  const steps = plan({ mounts: [mount('/a', 'bind', ['rbind'], '/h')] }, { devicesControlled: false })
  test('CAP_MKNOD goes', () => {
    expect(only(steps, 'process.capabilities')).toMatchObject([{ keep: ['CAP_CHOWN'] }])
  })
  test("the root and the host's directories are nodev", () => {
    const nodev = only(steps, 'mount').filter(({ flags }) => flags.includes('nodev'))
    expect(nodev.map(({ target, flags }) => [target, ...flags])).toEqual([
      ['/run/root', 'remount', 'bind', 'nodev'],
      ['/a', 'bind', 'rec', 'nodev'],
    ])
  })
})

describe('limits, scores, sysctls and a first process that reaps', () => {
  const process = {
    rlimits: [
      { type: 'RLIMIT_CORE' as const, soft: 0, hard: -1 },
      { type: 'RLIMIT_NOFILE' as const, soft: 1, hard: 2 },
    ],
    oomScoreAdj: 300,
  }

  test('in an order in which each still has its rights, and /proc/sys can still be written', () => {
    const steps = plan({ process, mounts: [mount('/proc', 'proc')], sysctl: { 'kernel.sem': '1 2 3 4' }, init: true })
    const order = ops(steps)
    const parts: SandboxStep['op'][] = [
      'process.oom_score_adj',
      'root.set',
      'inside.sysctl',
      'inside.readonly',
      'root.enter',
      'process.reset',
      'process.rlimit',
      'process.capabilities',
      'process.user',
      'process.init',
      'process.exec',
    ]
    expect(order.filter((op) => parts.includes(op))).toEqual(parts)
    expect(order[0]).toBe('process.oom_score_adj')
    expect(order.lastIndexOf('mount')).toBeLessThan(order.indexOf('inside.sysctl'))
    expect(only(steps, 'process.rlimit')).toMatchObject([{ type: 'RLIMIT_CORE', soft: 0, hard: -1 }])
    expect(only(steps, 'inside.sysctl')).toMatchObject([{ key: 'kernel.sem', value: '1 2 3 4' }])
    for (const step of steps) if (step !== rootMount) expect(step.why).toMatch(/^\S.*[.]$/)
  })

  test('a limit that cannot be raised is told by its name', () => {
    const [limit] = only(plan({ process }), 'process.rlimit')
    expect(limit?.failure?.EPERM?.message).toMatch(/core=unlimited is above .* no CAP_SYS_RESOURCE/)
    const [reset] = only(plan(), 'process.reset')
    expect(reset?.failure?.EPERM?.message).toMatch(/nofile=4096 is above/)
  })
})

describe('a further program', () => {
  const enter = (process: Partial<OciSpec['process']>, host: Partial<EnterSurroundings> = {}) =>
    enterSteps({ ...process_, ...process }, { devicesControlled: true, filter: 'AAAA', nofile: [1, 2], ...host })

  test('changes nothing of the container', () => {
    expect(ops(enter({}))).toEqual([
      'process.chdir',
      'process.reset',
      'process.seccomp',
      'process.capabilities',
      'process.user',
      'process.exec',
    ])
    expect(ops(enter({ terminal: true, oomScoreAdj: 5 })).slice(0, 3)).toEqual([
      'process.oom_score_adj',
      'process.chdir',
      'terminal',
    ])
  })

  test('has no more rights than the container', () => {
    const [capabilities] = only(enter({}, { devicesControlled: false }), 'process.capabilities')
    expect(capabilities?.keep).toEqual(['CAP_CHOWN'])
  })

  test('joins every control group that the container has, once', () => {
    const controllers = new Map([
      ['devices', '/cg/devices'],
      ['cpu', '/cg/cpu,cpuacct'],
      ['cpuacct', '/cg/cpu,cpuacct'],
      ['memory', '/cg/memory'],
    ])
    const there = ['/cg/devices/rt-x', '/cg/cpu,cpuacct/rt-x']
    const exists = (path: string) => there.includes(path)
    expect(joinedCgroups({ kind: 'hybrid', controllers, unified: '/cg/unified' }, 'x', exists)).toEqual(there)
    expect(joinedCgroups({ kind: 'v2', controllers: new Map(), unified: '/' }, 'x', () => true)).toEqual(['/rt-x'])
  })

  test('the driver plans it', async () => {
    const spec: OciSpec = {
      ociVersion: '1.2.0',
      hostname: 'box',
      root: { path: '/r', readonly: false },
      process: process_,
      mounts: [],
      linux: { namespaces: [], maskedPaths: [], readonlyPaths: [], seccomp: 'default', cgroupsPath: '/x' },
    }
    const driver = new NamespacesDriver({ root: '/x', runRoot: '/x', options: {} })
    const rlimits = [{ type: 'RLIMIT_NOFILE' as const, soft: 5, hard: 6 }]
    const { cgroups, sandbox } = await driver.enter({
      container: { id: 'no-such-container' },
      spec,
      process: { ...process_, args: ['other'], rlimits },
    })
    expect(cgroups).toEqual([])
    expect(only(sandbox, 'process.exec')).toMatchObject([{ argv: ['other'] }])
    expect(only(sandbox, 'process.reset')).toMatchObject([{ nofile: [5, 6] }])
    expect(ops(sandbox)).toContain('process.seccomp')
  })
})

describe('control groups', () => {
  const files = (steps: readonly HostStep[]) =>
    steps.map((step) =>
      'path' in step ? `${step.op} ${step.path}${'value' in step ? ` ${step.value}` : ''}` : step.op,
    )

  const v1: CgroupLayout = { kind: 'v1', controllers: new Map([['devices', '/cg/devices']]) }

  test('v1: a directory, nothing allowed, then the harmless devices', () => {
    const { enter, directories, leave } = planCgroups('x', v1)
    expect(directories).toEqual(['/cg/devices/rt-x'])
    expect(files(enter)).toEqual([
      'cgroup.make /cg/devices/rt-x',
      'cgroup.write /cg/devices/rt-x/devices.deny a',
      ...[
        'c *:* m',
        'b *:* m',
        'c 1:3 rwm',
        'c 1:5 rwm',
        'c 1:7 rwm',
        'c 1:8 rwm',
        'c 1:9 rwm',
        'c 5:0 rwm',
        'c 5:1 rwm',
        'c 5:2 rwm',
        'c 136:* rwm',
      ].map((rule) => `cgroup.write /cg/devices/rt-x/devices.allow ${rule}`),
    ])
    expect(files(leave)).toEqual(['cgroup.remove /cg/devices/rt-x'])
  })
  test('v2: a directory with a BPF program', () => {
    const { enter, directories } = planCgroups('x', { kind: 'v2', controllers: new Map(), unified: '/cg' })
    expect(directories).toEqual(['/cg/rt-x'])
    expect(enter).toMatchObject([
      { op: 'cgroup.make' },
      { op: 'cgroup.devices', allow: expect.arrayContaining(['c 1:3 rwm']) },
    ])
  })
  test('none: nothing to make, join or remove', () => {
    expect(planCgroups('x', { kind: 'none', controllers: new Map() })).toEqual({
      enter: [],
      directories: [],
      leave: [],
    })
  })
})

describe('the driver', () => {
  const driver = (options: Record<string, unknown> = {}) =>
    new NamespacesDriver({ root: '/var/lib/rt', runRoot: '/run/rt', options })

  test.each([
    [{ root: 'pivot' }, 'pivot'],
    [{ root: 'chroot' }, 'chroot'],
    [{}, 'pivot'],
  ])('%j enters the root by %s', async (options, mode) => {
    const spec = { ...specOf(), linux: { ...specOf().linux, maskedPaths: [] } }
    const launch = await driver(options).launch({
      container,
      spec,
      rootMounts: [],
      rootMountPoint: '/r',
      network: 'new',
      futureFiles: [],
    })
    expect(only(launch.sandbox, 'root.enter')).toMatchObject([{ mode }])
    expect(launch.sandbox.at(-1)?.op).toBe('process.exec')
  })

  test('a file that does not exist yet is bound as a file, any other missing source as a directory', async () => {
    const bind = (source: string, destination: string) => mount(destination, 'bind', ['rbind'], source)
    const spec = {
      ...specOf(),
      mounts: [bind('/nowhere/hosts', '/etc/hosts'), bind('/nowhere/data', '/data'), bind('/proc', '/p')],
    }
    const request = { container, spec, rootMounts: [], rootMountPoint: '/r', network: 'new' as const }
    const { sandbox } = await driver().launch({ ...request, futureFiles: ['/nowhere/hosts'] })
    expect(
      only(sandbox, 'mount')
        .slice(1)
        .map(({ create }) => create),
    ).toEqual(['file', 'dir', 'dir'])
  })

  test('takes the filter that is compiled ahead', async () => {
    const { sandbox } = await driver().launch({
      container,
      spec: specOf(),
      rootMounts: [],
      rootMountPoint: '/r',
      network: 'new',
      futureFiles: [],
    })
    const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
    expect(only(sandbox, 'process.seccomp')).toMatchObject([
      { filter: await seccompFilter(['CAP_SYS_CHROOT'], machine) },
    ])
  })

  test.each([
    [{ rot: 'pivot' }, /has no option "rot".* Did you mean "root"/],
    [{ seccomp: 'off' }, /has no option "seccomp"/],
    [{ root: 'pivto' }, /root is "pivto", but must be "pivot" or "chroot"/],
    [{ root: true }, /root is true/],
  ])('refuses the options %j', (options, message) => {
    expect(() => driver(options)).toThrow(
      expect.objectContaining({ code: 'RT_DRIVER_OPTION', message: expect.stringMatching(message) }),
    )
  })

  function specOf(): OciSpec {
    return {
      ociVersion: '1.2.0',
      hostname: 'box',
      root: { path: '/r', readonly: false },
      process: { ...process_, capabilities: ['CAP_CHOWN', 'CAP_SYS_CHROOT'] },
      mounts: [],
      linux: { namespaces: [], maskedPaths: [], readonlyPaths: [], seccomp: 'default', cgroupsPath: '/x' },
    }
  }
})
