import { describe, expect, it } from 'vitest'
import { planCopy } from './plan.ts'

const request = {
  container: { id: 'a'.repeat(64), name: 'web', hostname: 'web' },
  layers: ['/l/top', '/l/middle', '/l/bottom'] as const,
  directory: '/data/c',
  rootMountPoint: '/run/rt/root',
} as const

describe('planCopy', () => {
  it('copies from the bottom layer to the top one into the container own directory, then mounts it', () => {
    const plan = planCopy(request, { rootMode: 0o1755 })
    expect(plan.enter).toMatchObject([
      { op: 'dir.make', path: '/data/c/rootfs', mode: 0o1755 },
      { op: 'tree.copy', from: '/l/bottom', to: '/data/c/rootfs' },
      { op: 'tree.copy', from: '/l/middle', to: '/data/c/rootfs' },
      { op: 'tree.copy', from: '/l/top', to: '/data/c/rootfs' },
    ])
    expect(plan.mounts).toMatchObject([
      { op: 'mount', source: '/data/c/rootfs', target: '/run/rt/root', inside: false, flags: ['bind'] },
    ])
    expect(plan.leave).toEqual([])
  })

  it('copies nothing over what an earlier start left', () => {
    const plan = planCopy({ ...request, resume: true }, { rootMode: 0o755 })
    expect(plan.enter.filter(({ op }) => op === 'tree.copy')).toEqual([])
    expect(plan.mounts).toMatchObject([{ source: '/data/c/rootfs' }])
  })

  it.each(['ENOSPC', 'EDQUOT'])('explains %s as a full disk', (errno) => {
    for (const step of planCopy(request, { rootMode: 0o755 }).enter) {
      expect(step.failure?.[errno]).toMatchObject({ code: 'RT_DISK_FULL' })
    }
  })
})
