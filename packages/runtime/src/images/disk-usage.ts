import type { StoreUsage } from '@rt/images'
import type { BuildCacheUsage } from '../build/index.ts'
import type { Runtime } from '../runtime.ts'
import { isLive } from '../store/state.ts'
import { treeSize } from '../store/tree-size.ts'
import type { VolumesUsage } from '../volumes/index.ts'

/** Bytes on disk, and what of them could go. */
export interface DiskUsage {
  readonly images: StoreUsage
  readonly volumes: VolumesUsage
  readonly buildCache: BuildCacheUsage
  readonly containers: {
    readonly count: number
    readonly active: number
    /** What they wrote, with their logs. */
    readonly size: number
    /** Of those that do not live. */
    readonly reclaimable: number
  }
}

export const diskUsage = async (rt: Runtime): Promise<DiskUsage> => {
  const containers = rt.list().map(({ record, state }) => ({
    image: record.image.id,
    live: isLive(state),
    size: treeSize(rt.layout.container(record.id)),
  }))
  const used = new Set(containers.map(({ image }) => image))
  const sum = (counted: typeof containers): number => counted.reduce((bytes, { size }) => bytes + size, 0)
  return {
    images: await rt.images.usage((id) => used.has(id)),
    volumes: (await rt.volumes()).usage(),
    buildCache: (await import('../build/scratch.ts')).buildCacheUsage(rt.layout),
    containers: {
      count: containers.length,
      active: containers.filter(({ live }) => live).length,
      size: sum(containers),
      reclaimable: sum(containers.filter(({ live }) => !live)),
    },
  }
}
