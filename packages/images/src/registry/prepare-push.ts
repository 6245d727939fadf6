import { existsSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { adoptBlob, writeFacts } from '../store/adopt.ts'
import { writeManifest, writeReference } from '../store/commit.ts'
import type { Image } from '../store/image.ts'
import { writeIndex } from '../store/index-file.ts'
import { hexOf, type Layout } from '../store/layout.ts'
import { MEDIA } from '../store/manifest.ts'
import { type LayerRecord, readJson, readManifest, readReferences } from '../store/read.ts'
import { locked, type Workspace } from '../store/write.ts'
import { compressBlob } from './compress.ts'
import type { PushOptions } from './options.ts'

/**
 * Keeps the image's layers where they are, and answers the digest of a manifest whose blobs are all here: the one it was pulled with, or one
 * of what is here. Layers that were made here are compressed first, and stay so.
 */
export const preparePush = async (
  layout: Layout,
  workspace: Workspace,
  image: Image,
  options: PushOptions,
): Promise<string> => {
  const diffIds = image.config.rootfs.diff_ids.map(hexOf)
  locked(layout, () => {
    for (const diffId of diffIds) {
      if (!existsSync(layout.layer(diffId)))
        throw new RtError('RT_IMAGE_UNKNOWN', `The image ${image.reference ?? image.id} is being removed.`)
      workspace.pin(diffId)
    }
  })
  const whole = wholeManifest(layout, image)
  if (whole !== undefined) return whole
  for (const diffId of new Set(diffIds)) await compressLayer(layout, workspace, diffId, options)
  return locked(layout, () => {
    const manifest = writeManifest(layout, workspace, image.id, image.config)
    if (manifest === undefined)
      throw new RtError(
        'RT_IMAGE_INVALID',
        `The archives of the image ${image.reference ?? image.id} are not all here.`,
        {
          remedy: 'Bring it in again, with `rt pull` or `rt import`.',
        },
      )
    // All of its names that no registry gave: what was plain in the store is not referred to any more.
    for (const record of readReferences(layout))
      if (record.id === image.id && record.digest === undefined)
        writeReference(layout, workspace, { ...record, manifest })
    writeIndex(layout, workspace)
    return manifest
  })
}

/** That of the name, where a registry knows it or nothing in it is left to be compressed. */
const wholeManifest = (layout: Layout, image: Image): string | undefined => {
  const record = readReferences(layout).find(({ reference }) => reference === image.reference)
  if (record?.manifest === undefined) return undefined
  const { layers } = readManifest(layout, record.manifest).manifest
  if (!layers.every(({ digest }) => existsSync(layout.blob(hexOf(digest))))) return undefined
  return record.digest !== undefined || layers.every(({ mediaType }) => mediaType !== MEDIA.layer)
    ? record.manifest
    : undefined
}

const compressLayer = async (
  layout: Layout,
  workspace: Workspace,
  diffId: string,
  { onProgress }: PushOptions,
): Promise<void> => {
  const facts = readJson<LayerRecord>(layout.layerFacts(diffId))
  if (facts?.blob?.mediaType !== MEDIA.layer) return
  const { digest, size } = facts.blob
  onProgress?.({ digest, total: size, bytes: 0, state: 'compressing' })
  const blob = await compressBlob(workspace, layout.blob(hexOf(digest)), diffId)
  locked(layout, () => writeFacts(layout, workspace, diffId, { ...facts, blob: adoptBlob(layout, blob) }))
}
