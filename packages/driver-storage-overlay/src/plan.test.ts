import type { StorageRequest } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import OverlayStorageDriver from './index.ts'
import { escaped, MOUNT_DATA_LIMIT, mountData } from './mount-data.ts'
import { planOverlay } from './plan.ts'

const request = (...layers: [string, ...string[]]): StorageRequest => ({
  container: { id: 'a'.repeat(64), name: 'web', hostname: 'web' },
  layers,
  directory: '/data/containers/a/storage',
  rootMountPoint: '/run/rt/root',
})
const observed = { fileSystem: 'ext4', rootMode: 0o755 }

describe('planOverlay', () => {
  it('plans the same again for a container that starts again', () => {
    expect(planOverlay({ ...request('/l/1'), resume: true }, observed)).toEqual(planOverlay(request('/l/1'), observed))
  })

  it('shows where the changes are', async () => {
    const driver = new OverlayStorageDriver({ root: '/data', runRoot: '/run/rt', options: {} })
    expect(await driver.view({ directory: '/data/c' })).toEqual({ upper: '/data/c/upper', work: '/data/c/work' })
  })

  it('makes upper and work directory and mounts the root once', () => {
    const plan = planOverlay(request('/l/2', '/l/1'), { ...observed, rootMode: 0o1750 })
    expect(plan.enter).toMatchObject([
      { op: 'dir.make', path: '/data/containers/a/storage/upper', mode: 0o1750 },
      { op: 'dir.make', path: '/data/containers/a/storage/work', mode: 0o700 },
    ])
    expect(plan.mounts).toMatchObject([
      {
        op: 'mount',
        type: 'overlay',
        target: '/run/rt/root',
        inside: false,
        data:
          'lowerdir=/l/2:/l/1,upperdir=/data/containers/a/storage/upper,workdir=/data/containers/a/storage/work,' +
          'index=off,metacopy=off,redirect_dir=off',
      },
    ])
  })

  it('names a layer once that the image has twice, at its topmost place', () => {
    const [mount] = planOverlay(request('/l/empty', '/l/1', '/l/empty', '/l/0'), observed).mounts
    expect(mount).toMatchObject({ data: expect.stringContaining('lowerdir=/l/empty:/l/1:/l/0,') })
  })

  it('gives layers short names where their own do not fit into a page', () => {
    const layers = Array.from(
      { length: 128 },
      (_, index) => `/var/lib/rt/layers/${String(index).padStart(64, '0')}/diff`,
    )
    const plan = planOverlay(request(...(layers as [string, ...string[]])), observed)
    expect(plan.mounts).toHaveLength(258)
    expect(plan.mounts[0]).toMatchObject({ type: 'tmpfs', target: '/run/rt/root' })
    expect(plan.mounts[255]).toMatchObject({ op: 'mounted.mkdir', path: '/run/rt/root/127' })
    expect(plan.mounts[256]).toMatchObject({ source: layers[127], target: '/run/rt/root/127', flags: ['bind'] })
    const last = plan.mounts.at(-1)
    expect(last).toMatchObject({ from: '/run/rt/root' })
    const data = last?.op === 'mount' ? (last.data ?? '') : ''
    expect(data).toMatch(/^lowerdir=0:1:2:/)
    expect(Buffer.byteLength(data)).toBeLessThanOrEqual(MOUNT_DATA_LIMIT)
  })

  it('names the layers of one directory from there where that is enough', () => {
    const layers = Array.from(
      { length: 50 },
      (_, index) => `/var/lib/rt/images/layers/${String(index).padStart(64, '0')}`,
    )
    const plan = planOverlay(request(...(layers as [string, ...string[]])), observed)
    expect(plan.mounts).toMatchObject([
      { op: 'mount', from: '/var/lib/rt/images/layers', data: expect.stringMatching(/^lowerdir=0{64}:0{63}1:/) },
    ])
  })

  it('spares what goes with its end the writing to disk, where the kernel can', () => {
    const dataOf = (ephemeral: boolean, hasVolatile: boolean): string => {
      const [mount] = planOverlay({ ...request('/l/1'), ephemeral }, { ...observed, hasVolatile }).mounts
      return mount?.op === 'mount' ? (mount.data ?? '') : ''
    }
    expect(dataOf(true, true)).toMatch(/,volatile$/)
    for (const data of [dataOf(true, false), dataOf(false, true)]) expect(data).not.toContain('volatile')
  })

  it('refuses more layers than the kernel stacks', () => {
    const layers = Array.from({ length: 501 }, (_, index) => `/l/${index}`) as [string, ...string[]]
    expect(() => planOverlay(request(...layers), observed)).toThrow(/501 layers/)
  })

  it.each([
    ['overlay', 'EINVAL', 'RT_STORAGE_OVERLAY', /lies on overlay: an overlay cannot be the writable side/],
    ['nfs', 'EINVAL', 'RT_STORAGE_OVERLAY', /lies on nfs: a network file system/],
    ['ramfs', 'EINVAL', 'RT_STORAGE_OVERLAY', /lies on ramfs: it lacks extended attributes/],
    ['ext4', 'ENODEV', 'RT_STORAGE_OVERLAY', /no overlayfs/],
    ['ext4', 'ENOSPC', 'RT_DISK_FULL', /No space/],
  ])('on %s explains %s as %s', (fileSystem, errno, code, message) => {
    const failure = planOverlay(request('/l/1'), { ...observed, fileSystem }).mounts.at(-1)?.failure?.[errno]
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(failure?.remedy).not.toBe('')
  })
})

describe('mount data', () => {
  it.each([
    ['/plain', '/plain'],
    ['/a:b', '/a\\:b'],
    ['/a,b', '/a\\,b'],
    ['/a\\b', '/a\\\\b'],
  ])('%s is written %s', (path, expected) => {
    expect(escaped(path)).toBe(expected)
  })

  it('keeps the order of the layers', () => {
    expect(mountData({ lower: ['/c', '/b', '/a'], upper: '/u', work: '/w' })).toMatch(/^lowerdir=\/c:\/b:\/a,/)
  })
})
