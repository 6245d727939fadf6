import { createHash } from 'node:crypto'
import { existsSync, linkSync, statSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import type { ImageConfig } from '../config/image-config.ts'
import { adoptLayer, layerBlobs, type NewLayer } from './adopt.ts'
import type { Image } from './image.ts'
import { writeIndex } from './index-file.ts'
import { digestOf, hexOf, type Layout } from './layout.ts'
import { makeManifest } from './manifest.ts'
import { type ReferenceRecord, readImage, readJson } from './read.ts'
import { locked, syncDirectory, type Workspace, writeAtomically } from './write.ts'

/** The documents that an image came with, byte for byte, so that their digests stay what they are. */
export interface Origin {
  readonly config: Buffer
  /** undefined: made here. */
  readonly manifest?: Buffer
  /** The index that the manifest was chosen from. */
  readonly index?: Buffer
  /** Whether a registry has them under the image's name. */
  readonly isRegistry: boolean
}

export interface NewImage {
  /** In canonical form; undefined: it gets no name. */
  readonly reference: string | undefined
  readonly config: ImageConfig
  /** undefined: all of it is made here. */
  readonly origin?: Origin
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
  { reference, config, origin, layers, keepExisting }: NewImage,
): Image =>
  locked(layout, () => {
    const referenceFile = reference === undefined ? undefined : layout.reference(reference)
    const present =
      keepExisting === true && referenceFile !== undefined ? readJson<ReferenceRecord>(referenceFile) : undefined
    const existing = present === undefined ? undefined : readImage(layout, hexOf(present.id), reference)
    if (existing !== undefined) return existing

    for (const layer of layers) adoptLayer(layout, workspace, layer)
    const missing = config.rootfs.diff_ids.find((diffId) => !existsSync(layout.layer(hexOf(diffId))))
    if (missing !== undefined)
      throw new RtError('RT_IMAGE_UNKNOWN', `The layer ${missing} is not in the store any more.`)
    const hex = writeConfig(layout, workspace, origin?.config ?? Buffer.from(JSON.stringify(config)))
    if (reference !== undefined) {
      const id = digestOf(hex)
      writeReference(layout, workspace, { reference, id, ...writeDocuments(layout, workspace, id, config, origin) })
      writeIndex(layout, workspace)
    }
    const image = readImage(layout, hex, reference)
    if (image === undefined)
      throw new RtError('RT_INTERNAL', `The image ${digestOf(hex)} vanished while it was written.`)
    return image
  })

/** To be called under the store's lock, as all below. */
export const writeReference = (layout: Layout, workspace: Workspace, record: ReferenceRecord): void =>
  writeAtomically(workspace, layout.reference(record.reference), JSON.stringify(record))

/** Answers its hexadecimal digest. */
export const writeBlob = (layout: Layout, workspace: Workspace, bytes: Buffer): string => {
  const hex = createHash('sha256').update(bytes).digest('hex')
  if (!existsSync(layout.blob(hex))) writeAtomically(workspace, layout.blob(hex), bytes)
  return hex
}

const writeConfig = (layout: Layout, workspace: Workspace, bytes: Buffer): string => {
  const hex = writeBlob(layout, workspace, bytes)
  if (!existsSync(layout.config(hex))) {
    linkSync(layout.blob(hex), layout.config(hex))
    syncDirectory(layout.configs)
  }
  return hex
}

const writeDocuments = (
  layout: Layout,
  workspace: Workspace,
  id: string,
  config: ImageConfig,
  origin: Origin | undefined,
): Pick<ReferenceRecord, 'manifest' | 'digest'> => {
  if (origin?.manifest === undefined) {
    const made = writeManifest(layout, workspace, id, config)
    return made === undefined ? {} : { manifest: made }
  }
  const manifest = digestOf(writeBlob(layout, workspace, origin.manifest))
  const digest = origin.index === undefined ? manifest : digestOf(writeBlob(layout, workspace, origin.index))
  return { manifest, ...(origin.isRegistry && { digest }) }
}

/** A manifest of an image whose archives are all here, as they are here; undefined: not all are. */
export const writeManifest = (
  layout: Layout,
  workspace: Workspace,
  id: string,
  { rootfs }: ImageConfig,
): string | undefined => {
  const layers = layerBlobs(layout, rootfs.diff_ids)
  if (layers === undefined) return undefined
  const { size } = statSync(layout.config(hexOf(id)))
  return digestOf(writeBlob(layout, workspace, Buffer.from(JSON.stringify(makeManifest({ digest: id, size }, layers)))))
}
