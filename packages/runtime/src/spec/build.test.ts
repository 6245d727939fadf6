import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { buildSpec } from './build.ts'
import { ALL_CAPABILITIES } from './capabilities.ts'
import { checkHostname } from './hostname.ts'
import type { ImageConfig, SpecFlags, SpecInput } from './input.ts'
import { thermalThrottlePaths } from './paths.ts'

const id = '0123456789abcdef'.repeat(4)
const input = (
  flags: SpecFlags = {},
  image: ImageConfig = { Cmd: ['sh'] },
  more: Partial<SpecInput> = {},
): SpecInput => ({
  identity: { id, name: 'calm_tar', hostname: 'box' },
  image,
  flags,
  rootMountPoint: '/run/rt/root',
  network: 'new',
  files: [{ source: '/run/rt/c/hosts', destination: '/etc/hosts' }],
  env: { LANG: 'C' },
  ...more,
})
const spec = (...args: Parameters<typeof input>) => buildSpec(input(...args))

test("a container that nothing was asked for has Docker's defaults", () => {
  const plain = spec()
  expect(plain).toMatchObject({
    ociVersion: '1.2.0',
    hostname: 'box',
    root: { path: '/run/rt/root', readonly: false },
    process: {
      terminal: false,
      args: ['sh'],
      cwd: '/',
      user: { username: '', additionalGids: [] },
      noNewPrivileges: false,
    },
    linux: { seccomp: 'default', cgroupsPath: `/rt-${id}` },
  })
  expect(plain.process.capabilities).toHaveLength(14)
  expect(plain.process).not.toHaveProperty('rlimits')
  expect(plain.linux.namespaces.map(({ type }) => type)).toEqual(['pid', 'mount', 'uts', 'ipc', 'cgroup', 'network'])
})

describe('flags', () => {
  test.each<[string, SpecFlags, ImageConfig, object]>([
    ['--tty', { tty: true }, {}, { process: { terminal: true, env: expect.arrayContaining(['TERM=xterm']) } }],
    ['user of the image', {}, { User: 'www-data:adm' }, { process: { user: { username: 'www-data:adm' } } }],
    ['-u wins over the image', { user: '1000' }, { User: 'www-data' }, { process: { user: { username: '1000' } } }],
    ['directory of the image', {}, { WorkingDir: '/srv' }, { process: { cwd: '/srv' } }],
    ['a relative one of the image is below /', {}, { WorkingDir: 'srv/x' }, { process: { cwd: '/srv/x' } }],
    ['-w wins over the image', { workdir: '/a/../b' }, { WorkingDir: '/srv' }, { process: { cwd: '/b' } }],
    ['--read-only', { readOnly: true }, {}, { root: { readonly: true } }],
    ['no-new-privileges', { noNewPrivileges: true }, {}, { process: { noNewPrivileges: true } }],
    ['capabilities', { capAdd: ['chown'], capDrop: ['all'] }, {}, { process: { capabilities: ['CAP_CHOWN'] } }],
    ['-e', { env: ['LANG', 'A=1'] }, { Env: ['A=0'] }, { process: { env: expect.arrayContaining(['LANG=C', 'A=1']) } }],
    ['command', { command: ['ls', '-l'] }, {}, { process: { args: ['ls', '-l'] } }],
    ['--entrypoint', { entrypoint: 'x', command: ['y'] }, {}, { process: { args: ['x', 'y'] } }],
  ])('%s', (_, flags, image, expected) => {
    expect(spec(flags, { Cmd: ['sh'], ...image })).toMatchObject(expected)
  })

  test('limits, score, sysctls and the size of /dev/shm', () => {
    const flags = { ulimits: ['nofile=1024:4096'], oomScoreAdj: '5', sysctls: ['kernel.shmmax=1'], shmSize: '1m' }
    const { process, linux, mounts } = spec(flags, { Cmd: ['sh'] })
    expect(process).toMatchObject({ rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 4096 }], oomScoreAdj: 5 })
    expect(linux.sysctl).toEqual({ 'kernel.shmmax': '1' })
    expect(mounts.find(({ destination }) => destination === '/dev/shm')?.options).toContain('size=1048576')
    const plain = spec({}, { Cmd: ['sh'] })
    for (const key of ['rlimits', 'oomScoreAdj']) expect(plain.process).not.toHaveProperty(key)
    expect(plain.linux).not.toHaveProperty('sysctl')
  })
  test("the host's network is no namespace of the container", () => {
    const types = spec({}, { Cmd: ['sh'] }, { network: 'host' }).linux.namespaces.map(({ type }) => type)
    expect(types).not.toContain('network')
  })
  test.each<[string, SpecFlags, readonly string[]]>([
    ['--pid', { pid: 'host' }, ['mount', 'uts', 'ipc', 'cgroup', 'network']],
    ['--uts, --ipc, --cgroupns', { uts: 'host', ipc: 'host', cgroupns: 'host' }, ['pid', 'mount', 'network']],
  ])('%s: what is shared is no namespace of the container', (_, flags, types) => {
    expect(spec(flags).linux.namespaces.map(({ type }) => type)).toEqual(types)
  })

  test('--privileged: nothing is hidden, filtered or read-only but what was asked to be', () => {
    const { process, linux, mounts } = spec(
      { privileged: true, capDrop: ['ALL'] },
      { Cmd: ['sh'] },
      { maskedPaths: ['/sys/x'] },
    )
    expect(process.capabilities).toEqual(ALL_CAPABILITIES)
    expect(linux).toMatchObject({ maskedPaths: [], readonlyPaths: [] })
    expect(linux).not.toHaveProperty('seccomp')
    for (const { type, options } of mounts.filter(({ type }) => type === 'sysfs' || type === 'cgroup'))
      expect(options, type).not.toContain('ro')
  })

  test('--ipc: the place of shared memory is the host\u2019s, or none; a mount of the user\u2019s there stays', () => {
    const shm = (ipc: SpecFlags['ipc'], mounts: SpecInput['mounts'] = []) =>
      spec(ipc === undefined ? {} : { ipc }, { Cmd: ['sh'] }, { mounts }).mounts.find(
        ({ destination }) => destination === '/dev/shm',
      )
    expect(shm('private')).toMatchObject({ type: 'tmpfs' })
    expect(shm('host')).toMatchObject({ type: 'bind', source: '/dev/shm' })
    expect(shm('none')).toBeUndefined()
    const own = { type: 'bind', source: '/x', destination: '/dev/shm', options: ['rbind'] }
    for (const ipc of ['host', 'none'] as const) expect(shm(ipc, [own])).toEqual(own)
  })

  test('--group-add: numbers at once, names in the container', () => {
    expect(spec({ groups: ['5', 'video'] }).process.user).toMatchObject({
      additionalGids: [5],
      additionalGroups: ['video'],
    })
    expect(spec({ groups: ['5'] }).process.user).not.toHaveProperty('additionalGroups')
  })

  test('-w must be absolute', () => {
    expect(() => spec({ workdir: 'srv' })).toThrow(expect.objectContaining({ code: 'RT_USAGE' }))
  })
  test('mounts come after the defaults', () => {
    const mount = (destination: string) => ({ type: 'bind', source: '/x', destination, options: ['rbind'] })
    const { mounts } = spec({}, { Cmd: ['sh'] }, { mounts: [mount('/a/b'), mount('/a')] })
    expect(mounts.slice(7).map(({ destination }) => destination)).toEqual(['/a', '/a/b', '/etc/hosts'])
  })
  test('a host has more to hide than Docker names', () => {
    const { maskedPaths } = spec({}, { Cmd: ['sh'] }, { maskedPaths: ['/sys/x'] }).linux
    expect(maskedPaths).toContain('/proc/kcore')
    expect(maskedPaths.at(-1)).toBe('/sys/x')
  })
})

test('thermal throttle counts of each CPU, where the host has them', () => {
  const root = mkdtempSync(`${tmpdir()}/rt-cpu-`)
  try {
    expect(thermalThrottlePaths(root)).toEqual([])
    for (const name of ['cpu0', 'cpu1', 'cpuidle']) mkdirSync(`${root}/${name}/thermal_throttle`, { recursive: true })
    expect([...thermalThrottlePaths(root)].sort()).toEqual([
      `${root}/cpu0/thermal_throttle`,
      `${root}/cpu1/thermal_throttle`,
    ])
  } finally {
    rmSync(root, { recursive: true })
  }
})

describe('--hostname', () => {
  test.each(['box', 'a', 'web-1.example.org', 'x'.repeat(63)])('%s', (name) => expect(checkHostname(name)).toBe(name))
  test.each(['', '-a', 'a-', 'a..b', 'a b', 'ä', 'a/b', 'x'.repeat(64), 'ab.'.repeat(22)])('refuses %j', (name) => {
    expect(() => checkHostname(name)).toThrow(expect.objectContaining({ code: 'RT_USAGE' }))
  })
})
