import type { Readable } from 'node:stream'
import { applyChanges } from '../config/changes.ts'
import { type ExecutionConfig, goArchitecture } from '../config/image-config.ts'
import type { NewLayer } from '../store/adopt.ts'
import { ArchiveCopy, archivePath } from '../store/archive-copy.ts'
import { commitImage } from '../store/commit.ts'
import type { Image } from '../store/image.ts'
import { digestOf, type Layout } from '../store/layout.ts'
import { makeTree, openWorkspace } from '../store/workspace.ts'
import type { Workspace } from '../store/write.ts'
import { LayerUnpacker } from '../unpack/layer.ts'
import { pumpArchive } from '../unpack/pump.ts'
import type { ImportOptions } from './options.ts'

const PROGRESS_STEP = 8 << 20

/** See ImageStore.importArchive; `reference` in canonical form. */
export const importArchive = async (
  layout: Layout,
  reference: string,
  source: Readable,
  options: ImportOptions,
): Promise<Image> => {
  const changed = applyChanges({}, options.changes ?? [])
  const workspace = openWorkspace(layout)
  try {
    const layer = await unpackStream(workspace, source, options)
    const created = new Date().toISOString()
    return commitImage(layout, workspace, {
      reference,
      config: layerConfig(layer, changed, created, options.message ?? 'imported by rt'),
      layers: [layer],
    })
  } finally {
    workspace.dispose()
    source.destroy()
  }
}

/** The config of an image of one layer. */
export const layerConfig = (
  layer: NewLayer,
  config: ExecutionConfig,
  created: string,
  comment: string,
): Parameters<typeof commitImage>[2]['config'] => ({
  created,
  architecture: goArchitecture(),
  os: 'linux',
  config,
  rootfs: { type: 'layers', diff_ids: [digestOf(layer.diffId)] },
  history: [{ created, comment }],
})

const unpackStream = async (workspace: Workspace, source: Readable, options: ImportOptions): Promise<NewLayer> => {
  const tree = makeTree(workspace)
  const unpacker = new LayerUnpacker(tree, options.limits, options.onWarning)
  const copy = new ArchiveCopy(archivePath(workspace))
  let [bytes, shown] = [0, 0]
  const push = (piece: Buffer): void => {
    unpacker.push(piece)
    bytes += piece.length
    if (bytes - shown < PROGRESS_STEP) return
    shown = bytes
    options.onProgress?.({ bytes, entries: unpacker.entries })
  }
  try {
    const packing = await pumpArchive(source, push, { ...options, copy: (piece) => copy.push(piece) })
    const facts = unpacker.finish()
    options.onProgress?.({ bytes, entries: facts.entries })
    return { tree, ...facts, blob: copy.finish(packing, facts.diffId) }
  } catch (error) {
    unpacker.abandon()
    copy.abandon()
    throw error
  }
}
