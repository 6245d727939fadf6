import { existsSync, statSync } from 'node:fs'
import { inParallel } from '../parallel.ts'
import type { Layout } from '../store/layout.ts'
import type { Workspace } from '../store/write.ts'
import { Unpackers } from '../unpack/file/unpackers.ts'
import { type LayerFile, loadLayer } from './load-layer.ts'
import type { LoadOptions } from './options.ts'

/** Sees to it that the store has these layers, each once in `files`. The first failure ends it. Errors: see `loadLayer`. */
export const loadLayers = async (
  layout: Layout,
  workspace: Workspace,
  files: readonly LayerFile[],
  { limits, onWarning }: LoadOptions,
): Promise<void> => {
  const missing = files.filter(({ diffId }) => !existsSync(layout.layer(diffId)))
  // Read from the disk alone, a single one has nothing to run beside.
  const sizes = missing.length < 2 ? [] : missing.map(({ path }) => sizeOf(path))
  const unpackers = new Unpackers(sizes, onWarning)
  try {
    await inParallel(files, undefined, (file) => loadLayer(layout, workspace, file, unpackers, limits))
  } finally {
    await unpackers.close()
  }
}

const sizeOf = (path: string | undefined): number =>
  path === undefined ? 0 : (statSync(path, { throwIfNoEntry: false })?.size ?? 0)
