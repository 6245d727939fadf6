import { lstatSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { isLocked } from '@rt/native'
import { CLUSTER } from '../cluster.ts'
import type { ImageConfig } from '../config/image-config.ts'
import { hexOf, type Layout } from './layout.ts'
import { type LayerRecord, namesIn, readIds, readJson } from './read.ts'
import { LOCK } from './write.ts'

/** Bytes are those of the files, trees' rounded up to whole clusters. */
export interface StoreUsage {
  readonly images: number
  /** Images that containers are made of. */
  readonly active: number
  /** All layers with their archives, and what was left of fetches that were cut and of writers that were killed. Shared ones count once. */
  readonly size: number
  /** What would go with all images that no container is made of. */
  readonly reclaimable: number
}

export const storeUsage = (layout: Layout, isUsed: (imageId: string) => boolean): StoreUsage => {
  const ids = readIds(layout)
  const active = ids.filter((hex) => isUsed(`sha256:${hex}`))
  const kept = new Set(
    active.flatMap((hex) => readJson<ImageConfig>(layout.config(hex))?.rootfs.diff_ids.map(hexOf) ?? []),
  )
  const keptSize = [...kept].reduce((sum, hex) => sum + treeSize(layout, hex) + archiveSize(layout, hex), 0)
  const size = storeSize(layout)
  const documents = active.reduce((sum, hex) => sum + fileSize(layout.config(hex)), 0)
  return { images: ids.length, active: active.length, size, reclaimable: Math.max(0, size - keptSize - documents) }
}

/** Bytes of all that the store holds. */
export const storeSize = (layout: Layout): number => {
  const trees = namesIn(layout.layers).filter((name) => !name.endsWith('.json'))
  const files = [layout.blobs, layout.fetch].flatMap((directory) =>
    namesIn(directory).map((name) => join(directory, name)),
  )
  return (
    trees.reduce((sum, hex) => sum + treeSize(layout, hex), 0) +
    files.reduce((sum, path) => sum + fileSize(path), 0) +
    leftSize(layout)
  )
}

/** What writers that were killed have left, which the next writer clears away. */
const leftSize = ({ tmp }: Layout): number =>
  namesIn(tmp)
    .filter((name) => name.endsWith(LOCK) && !isLocked(join(tmp, name)))
    .reduce((sum, name) => sum + sizeBelow(join(tmp, name.slice(0, -LOCK.length))), 0)

/** In clusters, as the trees of layers. Whoever clears it away may be at work. */
const sizeBelow = (directory: string): number =>
  namesIn(directory).reduce((sum, name) => {
    const path = join(directory, name)
    const stat = lstatSync(path, { throwIfNoEntry: false })
    return stat === undefined ? sum : sum + (stat.isDirectory() ? CLUSTER + sizeBelow(path) : clusters(stat))
  }, 0)

const clusters = ({ size }: Stats): number => Math.ceil(size / CLUSTER) * CLUSTER

const treeSize = (layout: Layout, hex: string): number => readJson<LayerRecord>(layout.layerFacts(hex))?.size ?? 0

const archiveSize = (layout: Layout, hex: string): number =>
  readJson<LayerRecord>(layout.layerFacts(hex))?.blob?.size ?? 0

const fileSize = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0
