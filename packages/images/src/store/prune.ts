import { rmSync } from 'node:fs'
import { collectGarbage } from './collect.ts'
import { sweepFetches } from './fetches.ts'
import type { RemovedImage } from './image.ts'
import { writeIndex } from './index-file.ts'
import { digestOf, type Layout } from './layout.ts'
import { namesIn, readIds, readReferences } from './read.ts'
import { storeSize } from './usage.ts'
import { locked, makeWorkspace } from './write.ts'

export interface PrunedImages extends RemovedImage {
  /** Bytes. */
  readonly reclaimed: number
}

export interface PruneOptions {
  /** Also those that have a name. */
  readonly all: boolean
  /** Of those only what it holds for; given an id. */
  readonly test?: (imageId: string) => boolean
}

/** See ImageStore.prune. Each name before its image, and the layers last, as where one is removed. */
export const pruneImages = (
  layout: Layout,
  isUsed: (imageId: string) => boolean,
  { all, test = () => true }: PruneOptions,
): PrunedImages => {
  if (namesIn(layout.base).length === 0) return { untagged: [], deleted: [], reclaimed: 0 }
  const { workspace, pruned } = locked(layout, () => {
    const before = storeSize(layout)
    const references = readReferences(layout)
    const named = new Set(references.map(({ id }) => id))
    const gone = new Set(
      readIds(layout)
        .map(digestOf)
        .filter((id) => !isUsed(id) && (all || !named.has(id)) && test(id)),
    )
    const untagged = references.filter(({ id }) => gone.has(id)).map(({ reference }) => reference)
    for (const name of untagged) rmSync(layout.reference(name), { force: true })
    for (const id of gone) rmSync(layout.config(id.slice('sha256:'.length)), { force: true })
    const space = makeWorkspace(layout)
    writeIndex(layout, space)
    sweepFetches(layout)
    const layers = collectGarbage(layout, space)
    const deleted = [...gone, ...layers]
    return { workspace: space, pruned: { untagged, deleted, reclaimed: before - storeSize(layout) } }
  })
  workspace.dispose()
  return pruned
}
