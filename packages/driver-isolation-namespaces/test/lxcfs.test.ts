import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lxcfsProcSteps, lxcfsSysSteps } from '../src/launch/lxcfs.ts'
import { chooseLxcfs, judgeLxcfs, lookAtLxcfs, lxcfsMountPoint } from '../src/lxcfs.ts'

const line = (root: string, target: string, type = 'fuse.lxcfs') =>
  `64 43 0:41 ${root} ${target} rw,nosuid,nodev,relatime shared:7 - ${type} lxcfs rw,user_id=0,allow_other`

describe('where it is mounted', () => {
  test.each([
    ['nowhere', [line('/', '/x', 'fuse.sshfs')], undefined],
    ['at its usual place', [line('/', '/', 'ext4'), line('/', '/var/lib/lxcfs')], '/var/lib/lxcfs'],
    ['at a place with a space', [line('/', '/mnt/a\\040b')], '/mnt/a b'],
    ['only some files, in a container', [line('/proc/meminfo', '/proc/meminfo')], undefined],
    ['files first, then all of it', [line('/proc/stat', '/proc/stat'), line('/', '/lx')], '/lx'],
  ])('%s', (_, lines, expected) => {
    expect(lxcfsMountPoint(lines.join('\n'))).toBe(expected)
  })
})

describe('what it offers', () => {
  let root: string
  const file = (path: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), '')
  }
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'rt-lxcfs-'))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  test('the files that rt knows and the kernel has, and a complete directory of processors', () => {
    for (const path of ['proc/meminfo', 'proc/slabinfo', 'proc/uptime', 'sys/devices/system/cpu/uevent']) file(path)
    expect(lookAtLxcfs(root)).toEqual({ mountPoint: root, proc: ['meminfo', 'uptime'], cpu: 'directory' })
  })

  test('of the processors only `online`, or nothing', () => {
    file('proc/stat')
    expect(lookAtLxcfs(root)).toEqual({ mountPoint: root, proc: ['stat'] })
    file('sys/devices/system/cpu/online')
    expect(lookAtLxcfs(root)).toEqual({ mountPoint: root, proc: ['stat'], cpu: 'online' })
  })

  test('to a container that asked for it, as it asked', () => {
    file('proc/stat')
    const view = { mountPoint: root, proc: ['stat'] }
    expect(chooseLxcfs('auto', root)).toEqual(view)
    expect(chooseLxcfs('on', root)).toEqual(view)
    expect(chooseLxcfs('off', root)).toBeUndefined()
    expect(chooseLxcfs('auto', undefined)).toBeUndefined()
    expect(chooseLxcfs('auto', `${root}/dead`)).toBeUndefined()
    for (const mountPoint of [undefined, `${root}/dead`]) {
      expect(() => chooseLxcfs('on', mountPoint)).toThrow(expect.objectContaining({ code: 'RT_LXCFS_MISSING' }))
      expect(judgeLxcfs(mountPoint).advice).toMatch(/free, top and nproc/)
    }
    expect(judgeLxcfs(root)).toEqual({ detail: `lxcfs at ${root}` })
  })
})

describe('its steps', () => {
  test('bind its files read-only and create nothing', () => {
    const view = { mountPoint: '/lx', proc: ['meminfo', 'stat'], cpu: 'online' } as const
    const steps = [...lxcfsProcSteps(view), ...lxcfsSysSteps(view)]
    expect(steps).toMatchObject([
      { source: '/lx/proc/meminfo', target: '/proc/meminfo', inside: true },
      { source: '/lx/proc/stat', target: '/proc/stat' },
      { source: '/lx/sys/devices/system/cpu/online', target: '/sys/devices/system/cpu/online' },
    ])
    for (const step of steps) {
      expect(step).toMatchObject({ flags: expect.arrayContaining(['bind', 'ro']) })
      expect(step).not.toHaveProperty('create')
    }
    expect(lxcfsSysSteps({ mountPoint: '/lx', proc: [] })).toEqual([])
    expect(lxcfsSysSteps({ ...view, cpu: 'directory' })).toMatchObject([{ target: '/sys/devices/system/cpu' }])
  })
})
