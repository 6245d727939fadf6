import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseCgroupLayout } from '../src/cgroups/layout.ts'
import { deviceControl } from '../src/cgroups/plan.ts'

/** Fixtures in the form of /proc/self/mountinfo. */
const ROOT = '23 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw'
const PROC = '28 23 0:22 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw'
const TMPFS = '31 23 0:28 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755'
const v1 = (controllers: string, path = `/sys/fs/cgroup/${controllers}`, options = 'rw,nosuid') =>
  `36 31 0:33 / ${path} ${options} shared:16 - cgroup cgroup rw,${controllers}`
const v2 = (path: string, options = 'rw,nosuid') =>
  `24 23 0:27 / ${path} ${options} shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot`
const mountinfo = (...lines: string[]) => parseCgroupLayout(`${[ROOT, PROC, ...lines].join('\n')}\n`)

describe('the layout of control groups', () => {
  test('v2 only (systemd today)', () => {
    const layout = mountinfo(v2('/sys/fs/cgroup'))
    expect(layout).toEqual({ kind: 'v2', controllers: new Map(), unified: '/sys/fs/cgroup' })
    expect(deviceControl(layout)).toEqual({ by: 'bpf', hierarchy: '/sys/fs/cgroup' })
  })

  test('v1 only, controllers mounted together', () => {
    const layout = mountinfo(
      TMPFS,
      v1('cpu,cpuacct'),
      v1('devices'),
      v1('xattr,name=systemd', '/sys/fs/cgroup/systemd'),
    )
    expect(layout.kind).toBe('v1')
    expect(Object.fromEntries(layout.controllers)).toEqual({
      cpu: '/sys/fs/cgroup/cpu,cpuacct',
      cpuacct: '/sys/fs/cgroup/cpu,cpuacct',
      devices: '/sys/fs/cgroup/devices',
      'name=systemd': '/sys/fs/cgroup/systemd',
    })
    expect(layout).not.toHaveProperty('unified')
    expect(deviceControl(layout)).toEqual({ by: 'v1', hierarchy: '/sys/fs/cgroup/devices' })
  })

  test('hybrid: v1 keeps the devices, v2 stands beside it', () => {
    const layout = mountinfo(TMPFS, v2('/sys/fs/cgroup/unified'), v1('devices'))
    expect(layout).toMatchObject({ kind: 'hybrid', unified: '/sys/fs/cgroup/unified' })
    expect(deviceControl(layout)).toEqual({ by: 'v1', hierarchy: '/sys/fs/cgroup/devices' })
  })

  test('hybrid without a devices hierarchy: a BPF program on v2', () => {
    const layout = mountinfo(TMPFS, v2('/sys/fs/cgroup/unified'), v1('memory'))
    expect(deviceControl(layout)).toEqual({ by: 'bpf', hierarchy: '/sys/fs/cgroup/unified' })
  })

  test.each([
    ['no cgroup file system', [], 'none'],
    ['v2 read-only, as in an unprivileged container', [v2('/sys/fs/cgroup', 'ro,nosuid')], 'v2'],
    ['v1 read-only', [TMPFS, v1('devices', '/sys/fs/cgroup/devices', 'ro,nosuid')], 'v1'],
    ['v1 without devices', [TMPFS, v1('memory')], 'v1'],
  ] as const)('%s: nothing controls devices', (_, lines, kind) => {
    const layout = mountinfo(...lines)
    expect(layout.kind).toBe(kind)
    expect(deviceControl(layout)).toEqual({ by: 'none' })
  })

  test('a mount point with a blank', () => {
    expect(mountinfo(v2('/mnt/c\\040g')).unified).toBe('/mnt/c g')
  })
  test('a path or a source that only looks like one', () => {
    expect(mountinfo('40 23 0:50 / /mnt/-\\040cgroup rw - tmpfs cgroup rw').kind).toBe('none')
  })
  test('this host has one that agrees with /proc/mounts', () => {
    const types = new Set(
      readFileSync('/proc/mounts', 'utf8')
        .split('\n')
        .map((line) => line.split(' ')[2]),
    )
    const kind = types.has('cgroup') ? (types.has('cgroup2') ? 'hybrid' : 'v1') : types.has('cgroup2') ? 'v2' : 'none'
    expect(parseCgroupLayout(readFileSync('/proc/self/mountinfo', 'utf8')).kind).toBe(kind)
  })
})
