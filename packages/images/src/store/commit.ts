import { createHash } from 'node:crypto'
import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { RtError } from '@rt/driver-api'
import type { ImageConfig } from '../config/image-config.ts'
import type { Image } from './image.ts'
import { digestOf, hexOf, type Layout } from './layout.ts'
import { namesIn, type ReferenceRecord, readIds, readImage, readJson } from './read.ts'
import { locked, type Workspace, writeAtomically } from './write.ts'

/** A layer that lies unpacked in a workspace, not yet part of the store. */
export interface NewLayer {
  /** On the file system of the store. */
  readonly tree: string
  readonly diffId: string
  readonly size: number
  readonly entries: number
}

export interface NewImage {
  /** In canonical form; undefined: it gets no name. */
  readonly reference: string | undefined
  readonly config: ImageConfig
  /** Those of the config's layers that the store may not have yet. */
  readonly layers: readonly NewLayer[]
  /** Leave the name alone where it exists by now, and answer the image that has it. */
  readonly keepExisting?: boolean
}

/**
 * Makes the image part of the store: layers, then the config, then the name. Whoever finds the name therefore finds all of it, and a crash
 * in between leaves layers that nobody refers to, which the next writer collects.
 */
export const commitImage = (
  layout: Layout,
  workspace: Workspace,
  { reference, config, layers, keepExisting }: NewImage,
): Image =>
  locked(layout, () => {
    const referenceFile = reference === undefined ? undefined : layout.reference(reference)
    const present =
      keepExisting === true && referenceFile !== undefined ? readJson<ReferenceRecord>(referenceFile) : undefined
    const existing = present === undefined ? undefined : readImage(layout, hexOf(present.id), reference)
    if (existing !== undefined) return existing

    for (const { tree, diffId, size, entries } of layers) {
      if (existsSync(layout.layer(diffId))) continue
      writeAtomically(workspace, layout.layerFacts(diffId), JSON.stringify({ size, entries }))
      renameSync(tree, layout.layer(diffId))
    }
    const missing = config.rootfs.diff_ids.find((diffId) => !existsSync(layout.layer(hexOf(diffId))))
    if (missing !== undefined)
      throw new RtError('RT_IMAGE_UNKNOWN', `The layer ${missing} is not in the store any more.`)
    const bytes = JSON.stringify(config)
    const hex = createHash('sha256').update(bytes).digest('hex')
    if (!existsSync(layout.config(hex))) writeAtomically(workspace, layout.config(hex), bytes)
    if (reference !== undefined && referenceFile !== undefined)
      writeAtomically(
        workspace,
        referenceFile,
        JSON.stringify({ reference, id: digestOf(hex) } satisfies ReferenceRecord),
      )
    const image = readImage(layout, hex, reference)
    if (image === undefined)
      throw new RtError('RT_INTERNAL', `The image ${digestOf(hex)} vanished while it was written.`)
    return image
  })

/**
 * Moves layers that no image refers to out of the store into the workspace, whose disposal deletes them outside the lock. To be called
 * under the store's lock. Answers their diffIDs.
 */
export const collectLayers = (layout: Layout, workspace: Workspace): string[] => {
  const used = new Set(
    readIds(layout).flatMap((hex) => readJson<ImageConfig>(layout.config(hex))?.rootfs.diff_ids.map(hexOf) ?? []),
  )
  const collected = new Set<string>()
  // Facts sort behind their tree: what is left after a crash in between is found again.
  for (const name of namesIn(layout.layers)) {
    const hex = name.replace(/\.json$/, '')
    if (used.has(hex)) continue
    renameSync(join(layout.layers, name), join(workspace.path, name))
    collected.add(digestOf(hex))
  }
  return [...collected]
}
