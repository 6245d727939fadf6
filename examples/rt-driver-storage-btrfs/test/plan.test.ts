import type { StorageRequest } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import BtrfsStorageDriver from '../src/index.ts'
import { type BtrfsObservation, basePath, planBtrfs } from '../src/plan.ts'

const request: StorageRequest = {
  container: { id: 'a'.repeat(64), name: 'web', hostname: 'web' },
  layers: ['/l/top', '/l/bottom'],
  directory: '/data/c',
  rootMountPoint: '/run/rt/rootfs',
}
const first: BtrfsObservation = {
  bases: '/data/b',
  rootMode: 0o1755,
  isComplete: false,
  isPartial: false,
  hasBase: false,
  stale: [],
}
const base = basePath('/data/b', request.layers)

describe('btrfs', () => {
  it('copies an image once, into the root of its first container, and keeps a snapshot', () => {
    expect(planBtrfs(request, first).enter).toMatchObject([
      { op: 'exec', argv: ['btrfs', '-q', 'subvolume', 'create', '/data/c/rootfs'] },
      { op: 'exec', argv: ['chmod', '1755', '/data/c/rootfs'] },
      { op: 'tree.copy', from: '/l/bottom', to: '/data/c/rootfs' },
      { op: 'tree.copy', from: '/l/top', over: true },
      { op: 'dir.make', path: '/data/b', shared: true },
      { op: 'file.write', path: `${base}.layers`, content: '["/l/top","/l/bottom"]' },
      {
        op: 'exec',
        argv: ['btrfs', '-q', 'subvolume', 'snapshot', '-r', '/data/c/rootfs', base],
        when: { missing: base },
        shared: true,
      },
      { op: 'file.write', path: '/data/c/rootfs.complete' },
    ])
  })

  it('makes the root of all others a snapshot of that', () => {
    const { enter, mounts, leave } = planBtrfs(request, { ...first, hasBase: true })
    expect(enter).toMatchObject([
      { argv: ['btrfs', '-q', 'subvolume', 'snapshot', base, '/data/c/rootfs'] },
      { op: 'file.write' },
    ])
    expect(mounts).toMatchObject([{ source: '/data/c/rootfs', target: '/run/rt/rootfs', flags: ['bind'] }])
    expect(leave).toEqual([])
  })

  it('leaves the files of a container that starts again as they are', () => {
    expect(planBtrfs({ ...request, resume: true }, { ...first, isComplete: true, isPartial: true }).enter).toEqual([])
  })

  it('begins anew where a start was cut short', () => {
    const { enter } = planBtrfs(request, { ...first, isPartial: true, hasBase: true })
    expect(enter[0]).toMatchObject({ op: 'tree.remove', path: '/data/c/rootfs' })
  })

  it('takes away snapshots of images that are gone', () => {
    const { enter } = planBtrfs(request, { ...first, stale: ['/data/b/old'] })
    expect(enter.slice(0, 2)).toMatchObject([
      { argv: ['btrfs', '-q', 'subvolume', 'delete', '/data/b/old'], when: { exists: '/data/b/old' } },
      { op: 'file.remove', path: '/data/b/old.layers' },
    ])
  })

  it('knows an image by its layers and their order', () => {
    expect(basePath('/b', ['/1', '/2'])).not.toBe(basePath('/b', ['/2', '/1']))
    expect(basePath('/b', ['/1', '/2'])).not.toBe(basePath('/b', ['/1/2']))
  })

  it('says what it needs where there is no btrfs', async () => {
    const driver = new BtrfsStorageDriver({ root: '/proc/none', runRoot: '/run/rt', options: {} })
    expect(await driver.probe()).toMatchObject({ ok: false, reason: '/proc/none lies on proc' })
    await expect(driver.prepare({ ...request, directory: '/proc/none' })).rejects.toMatchObject({ code: 'RT_BTRFS' })
  })

  it('refuses options', () => {
    expect(() => new BtrfsStorageDriver({ root: '/', runRoot: '/', options: { a: 1 } })).toThrow(
      'storage.btrfs has no option "a".',
    )
  })
})
