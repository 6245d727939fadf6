import { existsSync, renameSync } from 'node:fs'
import { hexOf, type Layout } from './layout.ts'
import type { Descriptor } from './manifest.ts'
import { type LayerRecord, readJson } from './read.ts'
import { type Workspace, writeAtomically } from './write.ts'

/** The archive of a layer, complete and verified, on the file system of the store. */
export interface NewBlob extends Descriptor {
  readonly path: string
}

/** A layer that lies unpacked in a workspace, not yet part of the store. */
export interface NewLayer {
  /** On the file system of the store. */
  readonly tree: string
  /** 64 hexadecimal digits. */
  readonly diffId: string
  readonly size: number
  readonly entries: number
  readonly blob: NewBlob
}

/**
 * Makes a layer part of the store, where it is not there yet: archive, facts, tree. It is there if and only if its tree is; what a crash in
 * between leaves is collected. To be called under the store's lock.
 */
export const adoptLayer = (
  layout: Layout,
  workspace: Workspace,
  { tree, diffId, size, entries, blob }: NewLayer,
): void => {
  if (existsSync(layout.layer(diffId))) return
  writeFacts(layout, workspace, diffId, { size, entries, blob: adoptBlob(layout, blob) })
  renameSync(tree, layout.layer(diffId))
}

/** Where it is there already, it stays: equal digests, equal bytes. To be called under the store's lock. */
export const adoptBlob = (layout: Layout, { path, mediaType, digest, size }: NewBlob): Descriptor => {
  const place = layout.blob(hexOf(digest))
  if (!existsSync(place)) renameSync(path, place)
  return { mediaType, digest, size }
}

export const writeFacts = (layout: Layout, workspace: Workspace, hex: string, facts: LayerRecord): void =>
  writeAtomically(workspace, layout.layerFacts(hex), JSON.stringify(facts))

/** The archives of these layers; undefined: one is missing, in a store of an older rt. */
export const layerBlobs = (layout: Layout, diffIds: readonly string[]): Descriptor[] | undefined => {
  const blobs = diffIds.map((diffId) => readJson<LayerRecord>(layout.layerFacts(hexOf(diffId)))?.blob)
  return blobs.every((blob) => blob !== undefined) ? blobs : undefined
}
