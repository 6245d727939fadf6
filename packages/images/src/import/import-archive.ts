import { chmodSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { applyChanges } from '../config/changes.ts'
import { type ExecutionConfig, goArchitecture } from '../config/image-config.ts'
import type { NewLayer } from '../store/adopt.ts'
import { ArchiveCopy, archivePath } from '../store/archive-copy.ts'
import { collectGarbage } from '../store/collect.ts'
import { commitImage } from '../store/commit.ts'
import type { Image } from '../store/image.ts'
import { digestOf, type Layout } from '../store/layout.ts'
import { locked, makeWorkspace, type Workspace } from '../store/write.ts'
import { LayerUnpacker } from '../unpack/layer.ts'
import type { ImportOptions } from './options.ts'
import { pumpArchive } from './pump.ts'

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

/** A place to work in, after clearing away what crashed writers have left. */
export const openWorkspace = (layout: Layout): Workspace =>
  locked(layout, () => {
    const workspace = makeWorkspace(layout)
    collectGarbage(layout, workspace)
    return workspace
  })

/**
 * An empty root directory of a layer in the workspace. Its name is new each time: ext4 chooses the block group by it, and would come back to
 * that in which the same layer was removed a moment ago.
 */
export const makeTree = (workspace: Workspace): string => {
  const tree = mkdtempSync(join(workspace.path, 'tree-'))
  // The archive may not describe its root, and the umask of the user's shell must not decide who can enter a container's `/`.
  chmodSync(tree, 0o755)
  return tree
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
