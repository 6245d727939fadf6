import { createReadStream, openSync, type Stats, statSync } from 'node:fs'
import { LayoutFolder } from '../archive/layout-folder.ts'
import { loadFrom, loadImages } from '../archive/load.ts'
import type { LoadOptions } from '../archive/options.ts'
import type { Image } from '../store/image.ts'
import type { Layout } from '../store/layout.ts'
import { locked, makeWorkspace, writeAtomically } from '../store/write.ts'
import { type Source, type SourceRecord, stateOf } from './sources.ts'

/** Makes the image of an archive or of an OCI layout part of the store, and remembers where it came from. Loaded when the first one is. */
export const loadPath = async (
  layout: Layout,
  path: string,
  stats: Stats,
  source: Source,
  options: LoadOptions,
): Promise<Image | undefined> => {
  const [image] = await (stats.isDirectory()
    ? loadFrom(layout, () => new LayoutFolder(path), options)
    : loadImages(layout, createReadStream(path, { fd: openSync(path, 'r'), highWaterMark: 1 << 18 }), options))
  if (image !== undefined) remember(layout, source, image.id)
  return image
}

/** Files change their ctime with the kernel's clock tick, 10 ms at most: two changes within one look like one. */
const TICK_MS = 20

/** Unless it has changed since `source` was made, or so lately that the next change might not show. */
const remember = (layout: Layout, { path, state, file }: Source, id: string): void => {
  if (stateOf(path) !== state || Date.now() - statSync(path).ctimeMs < TICK_MS) return
  const workspace = locked(layout, () => {
    const space = makeWorkspace(layout)
    writeAtomically(space, file, JSON.stringify({ path, state, id } satisfies SourceRecord))
    return space
  })
  workspace.dispose()
}
