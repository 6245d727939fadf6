import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ImageConfig } from '../config/image-config.ts'
import { digestOf, hexOf, type Layout } from './layout.ts'
import { type LayerRecord, namesIn, readIds, readJson, readManifest, readReferences } from './read.ts'
import { pinnedLayers, type Workspace } from './write.ts'

/**
 * Moves what no image refers to out of the store into the workspace, whose disposal deletes it outside the lock: layers, then the blobs that
 * they leave behind. It is not counted who refers to what but looked up, so that no crash can make a count wrong. To be called under the
 * store's lock. Answers the diffIDs of the layers.
 */
export const collectGarbage = (layout: Layout, workspace: Workspace): string[] => {
  const ids = readIds(layout)
  const used = new Set([
    ...ids.flatMap((hex) => readJson<ImageConfig>(layout.config(hex))?.rootfs.diff_ids.map(hexOf) ?? []),
    ...pinnedLayers(layout),
  ])
  const collected = new Set<string>()
  // Facts sort behind their tree: what is left after a crash in between is found again.
  for (const name of namesIn(layout.layers)) {
    const hex = name.replace(/\.json$/, '')
    if (used.has(hex)) continue
    renameSync(join(layout.layers, name), join(workspace.path, name))
    collected.add(digestOf(hex))
  }
  collectBlobs(layout, workspace, [...ids, ...archivesOf(layout, used)])
  forgetSources(layout, ids)
  for (const path of [layout.list, `${layout.list}.part`]) rmSync(path, { force: true })
  return [...collected]
}

const archivesOf = (layout: Layout, layers: Iterable<string>): string[] =>
  [...layers].flatMap((hex) => {
    const blob = readJson<LayerRecord>(layout.layerFacts(hex))?.blob
    return blob === undefined ? [] : [hexOf(blob.digest)]
  })

const collectBlobs = (layout: Layout, workspace: Workspace, used: readonly string[]): void => {
  const kept = new Set(used)
  for (const { manifest, digest } of readReferences(layout)) {
    for (const blob of [manifest, digest]) if (blob !== undefined) kept.add(hexOf(blob))
    // A layer may have been compressed again since.
    if (manifest !== undefined)
      for (const blob of readManifest(layout, manifest).manifest.layers) kept.add(hexOf(blob.digest))
  }
  for (const name of namesIn(layout.blobs))
    if (!kept.has(name)) renameSync(layout.blob(name), join(workspace.path, `blob-${name}`))
}

/** Of images that have gone: the next time they are loaded again. */
const forgetSources = (layout: Layout, ids: readonly string[]): void => {
  for (const name of namesIn(layout.sources)) {
    const path = join(layout.sources, name)
    const source = readJson<{ readonly id: string }>(path)
    if (source === undefined || !ids.includes(hexOf(source.id))) rmSync(path, { force: true })
  }
}
