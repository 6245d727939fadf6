import type { StorageRequest } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import TmpfsStorageDriver from '../src/index.ts'
import { planTmpfs } from '../src/plan.ts'

const request = (...layers: [string, ...string[]]): StorageRequest => ({
  container: { id: 'a'.repeat(64), name: 'web', hostname: 'web' },
  layers,
  directory: '/data/c',
  rootMountPoint: '/run/rt/rootfs',
})
const settings = { size: '64m', inodes: undefined, rootMode: 0o1755 }
const driver = (options: Record<string, unknown>) =>
  new TmpfsStorageDriver({ root: '/data', runRoot: '/run/rt', options })

describe('tmpfs', () => {
  it('writes to memory above the image, all of it in the mount namespace of the container', () => {
    const plan = planTmpfs(request('/l/2', '/l/1', '/l/2'), settings)
    expect(plan.enter).toMatchObject([{ op: 'dir.make', path: '/data/c/memory' }])
    expect(plan.mounts).toMatchObject([
      { op: 'mount', type: 'tmpfs', target: '/data/c/memory', data: 'mode=0700,size=64m' },
      { op: 'mounted.mkdir', path: '/data/c/memory/upper', mode: 0o1755 },
      { op: 'mounted.mkdir', path: '/data/c/memory/work' },
      {
        op: 'mount',
        type: 'overlay',
        target: '/run/rt/rootfs',
        data: expect.stringMatching(/^lowerdir=\/l\/2:\/l\/1,/),
      },
    ])
    expect(plan.leave).toEqual([])
  })

  it('plans the same for a container that starts again, which begins with the image', () => {
    expect(planTmpfs({ ...request('/l/1'), resume: true }, settings)).toEqual(planTmpfs(request('/l/1'), settings))
  })

  it('limits files as well', () => {
    expect(planTmpfs(request('/l/1'), { ...settings, inodes: '10k' }).mounts[0]).toMatchObject({
      data: 'mode=0700,size=64m,nr_inodes=10k',
    })
  })

  it('gives layers short names where their own do not fit into a page', () => {
    const layers = Array.from({ length: 128 }, (_, index) => `/var/lib/rt/layers/${String(index).padStart(64, '0')}`)
    const { mounts } = planTmpfs(request(...(layers as [string, ...string[]])), settings)
    const last = mounts.at(-1)
    const data = last?.op === 'mount' ? (last.data ?? '') : ''
    expect(data).toMatch(/^lowerdir=\/data\/c\/memory\/0:/)
    expect(Buffer.byteLength(data)).toBeLessThan(4096)
    expect(mounts).toHaveLength(4 + 2 * 128)
  })

  it.each([
    ['size', 'much'],
    ['size', '101%'],
    ['size', '0'],
    ['inodes', '50%'],
  ])('refuses %s: %s', (name, value) => {
    expect(() => driver({ [name]: value })).toThrow(`storage.tmpfs.${name} is "${value}", but must be`)
  })

  it.each(['64m', '2G', '1048576', '50%', '100%'])('takes %s', (size) => {
    expect(() => driver({ size })).not.toThrow()
  })
})
