import { applyChanges } from '../config/changes.ts'
import type { ImageConfig } from '../config/image-config.ts'
import type { NewLayer } from '../store/adopt.ts'
import { commitImage } from '../store/commit.ts'
import type { Image } from '../store/image.ts'
import { digestOf, type Layout } from '../store/layout.ts'
import { openWorkspace } from '../store/workspace.ts'
import { plainLayer } from '../unpack/plain-layer.ts'
import type { ImageCommit } from './options.ts'

/**
 * See ImageStore.commit; `reference` in canonical form. The layer's tree is made by unpacking its archive, as a pulled one is: what the
 * store has and what the diffID stands for are the same. Until the last rename nothing of it is in the store.
 */
export const commitLayer = async (
  layout: Layout,
  reference: string | undefined,
  commit: ImageCommit,
): Promise<Image> => {
  const config = applyChanges(commit.config, commit.changes)
  const workspace = openWorkspace(layout)
  try {
    const layer = await plainLayer(workspace, { isLayer: true, onWarning: commit.onWarning }, commit.write)
    return commitImage(layout, workspace, { reference, config: childConfig(commit, config, layer), layers: [layer] })
  } finally {
    workspace.dispose()
  }
}

const childConfig = (
  { parent, author, comment, createdBy }: ImageCommit,
  config: ImageConfig['config'],
  layer: NewLayer,
): ImageConfig => {
  const created = new Date().toISOString()
  const { author: _, ...inherited } = parent.config
  const history = {
    created,
    created_by: createdBy,
    ...(author !== undefined && { author }),
    ...(comment !== undefined && { comment }),
  }
  return {
    ...inherited,
    created,
    ...(author !== undefined && { author }),
    ...(config !== undefined && { config }),
    rootfs: { type: 'layers', diff_ids: [...parent.config.rootfs.diff_ids, digestOf(layer.diffId)] },
    history: [...(parent.config.history ?? []), history],
  }
}
