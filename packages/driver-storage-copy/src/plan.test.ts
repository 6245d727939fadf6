import { describe, expect, it } from 'vitest'
import CopyStorageDriver from './index.ts'
import { planCopy } from './plan.ts'

const request = {
  container: { id: 'a'.repeat(64), name: 'web', hostname: 'web' },
  layers: ['/l/top', '/l/middle', '/l/bottom'] as const,
  directory: '/data/c',
  rootMountPoint: '/run/rt/root',
} as const

const fresh = { rootMode: 0o755, isComplete: false, isPartial: false }

describe('planCopy', () => {
  it('copies nothing over what a container has written', () => {
    const plan = planCopy(request, { ...fresh, isComplete: true })
    expect(plan.enter).toEqual([])
    expect(plan.mounts).toHaveLength(1)
  })

  it('shows the whole root', async () => {
    const driver = new CopyStorageDriver({ root: '/data', runRoot: '/run/rt', options: {} })
    expect(await driver.view({ directory: '/data/c' })).toEqual({ root: '/data/c/rootfs' })
  })

  it('begins anew where a copy was cut short', () => {
    const { enter } = planCopy(request, { ...fresh, isPartial: true })
    expect(enter.slice(0, 2)).toMatchObject([{ op: 'tree.remove', path: '/data/c/rootfs' }, { op: 'dir.make' }])
  })

  it('copies from the bottom layer to the top one into the container own directory, then mounts it', () => {
    const plan = planCopy(request, { ...fresh, rootMode: 0o1755 })
    expect(plan.enter).toMatchObject([
      { op: 'dir.make', path: '/data/c/rootfs', mode: 0o1755 },
      { op: 'tree.copy', from: '/l/bottom', to: '/data/c/rootfs' },
      { op: 'tree.copy', from: '/l/middle', to: '/data/c/rootfs', over: true },
      { op: 'tree.copy', from: '/l/top', to: '/data/c/rootfs', over: true },
      { op: 'file.write', path: '/data/c/rootfs.complete' },
    ])
    expect(plan.mounts).toMatchObject([
      { op: 'mount', source: '/data/c/rootfs', target: '/run/rt/root', inside: false, flags: ['bind'] },
    ])
    expect(plan.leave).toEqual([])
  })

  it.each(['ENOSPC', 'EDQUOT'])('explains %s as a full disk', (errno) => {
    for (const step of planCopy(request, fresh).enter) {
      expect(step.failure?.[errno]).toMatchObject({ code: 'RT_DISK_FULL' })
    }
  })
})
