import type { ImageStore, ImageSummary, StoreUsage } from '@rt/images'
import type { BuildCacheUsage } from '../build/index.ts'
import { type Container, listContainers } from '../store/containers.ts'
import type { Context } from '../store/context.ts'
import { isLive } from '../store/state.ts'
import { treeSize } from '../store/tree-size.ts'
import type { VolumesUsage } from '../volumes/index.ts'
import { dataOf, listVolumes, usersOf } from '../volumes/store.ts'

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

export const diskUsage = async (context: Context): Promise<DiskUsage> => {
  const { Volumes } = await import('../volumes/index.ts')
  const containers = listContainers(context.layout).map(({ record, state }) => ({
    image: record.image.id,
    live: isLive(state),
    size: treeSize(context.layout.container(record.id)),
  }))
  const used = new Set(containers.map(({ image }) => image))
  const sum = (counted: typeof containers): number => counted.reduce((bytes, { size }) => bytes + size, 0)
  return {
    images: await context.images.usage((id) => used.has(id)),
    volumes: new Volumes(context).usage(),
    buildCache: (await import('../build/scratch.ts')).buildCacheUsage(context.layout),
    containers: {
      count: containers.length,
      active: containers.filter(({ live }) => live).length,
      size: sum(containers),
      reclaimable: sum(containers.filter(({ live }) => !live)),
    },
  }
}

/** The same of each thing by itself. Bytes. */
export interface DetailedUsage {
  readonly images: readonly (ImageSummary & {
    /** Of the layers that other images have too. */
    readonly shared: number
    /** How many are made of it. */
    readonly containers: number
  })[]
  readonly containers: readonly { readonly container: Container; readonly volumes: number; readonly size: number }[]
  readonly volumes: readonly { readonly name: string; readonly links: number; readonly size: number }[]
}

export const detailedUsage = (context: Pick<Context, 'layout' | 'images'>): DetailedUsage => {
  const containers = listContainers(context.layout)
  return {
    images: withShares(context.images).map((image) => ({
      ...image,
      containers: containers.filter(({ record }) => record.image.id === image.id).length,
    })),
    containers: containers.map((container) => ({
      container,
      volumes: (container.record.mountPoints ?? []).filter(({ type }) => type === 'volume').length,
      size: treeSize(context.layout.container(container.record.id)),
    })),
    volumes: listVolumes(context.layout).map(({ name }) => ({
      name,
      links: usersOf(context.layout, name).length,
      size: treeSize(dataOf(context.layout, name)),
    })),
  }
}

const withShares = (images: ImageStore): (ImageSummary & { readonly shared: number })[] => {
  const all = images.list()
  const layersOf = new Map(
    [...new Set(all.map(({ id }) => id))].map((id) => {
      const image = images.find(id)
      const sizes = image === undefined ? [] : images.layerSizes(image)
      return [id, new Map((image?.config.rootfs.diff_ids ?? []).map((diffId, index) => [diffId, sizes[index] ?? 0]))]
    }),
  )
  const owners = new Map<string, number>()
  for (const layers of layersOf.values())
    for (const diffId of layers.keys()) owners.set(diffId, (owners.get(diffId) ?? 0) + 1)
  return all.map((image) => ({
    ...image,
    shared: [...(layersOf.get(image.id) ?? [])].reduce(
      (sum: number, [diffId, size]) => sum + ((owners.get(diffId) ?? 0) > 1 ? size : 0),
      0,
    ),
  }))
}
