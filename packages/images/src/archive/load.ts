import type { Readable } from 'node:stream'
import { parseConfig } from '../config/parse.ts'
import { fits, parsePlatform, platformText, thisPlatform } from '../platform.ts'
import { commitImage } from '../store/commit.ts'
import type { Image } from '../store/image.ts'
import { hexOf, type Layout } from '../store/layout.ts'
import { openWorkspace } from '../store/workspace.ts'
import type { Workspace } from '../store/write.ts'
import { corrupt } from '../tar/errors.ts'
import { TarReader } from '../tar/reader.ts'
import { pumpArchive } from '../unpack/pump.ts'
import { type ArchivedImage, readContents } from './contents.ts'
import type { ArchiveFiles } from './files.ts'
import { loadLayers } from './load-layers.ts'
import type { LoadOptions } from './options.ts'
import { pickImage } from './pick.ts'
import { Spool } from './spool.ts'

/** See ImageStore.load. */
export const loadImages = async (layout: Layout, source: Readable, options: LoadOptions): Promise<Image[]> => {
  try {
    return await loadFrom(layout, (workspace) => spoolArchive(workspace, source, options), options)
  } finally {
    source.destroy()
  }
}

/** The images of an archive whose files `open` gets ready. */
export const loadFrom = async (
  layout: Layout,
  open: (workspace: Workspace) => ArchiveFiles | Promise<ArchiveFiles>,
  options: LoadOptions,
): Promise<Image[]> => {
  const workspace = openWorkspace(layout)
  try {
    const files = await open(workspace)
    const found = readContents(files, options)
    const loaded: Image[] = []
    for (const image of options.single === undefined ? found : [pickImage(found, options.single)])
      loaded.push(...(await loadImage(layout, workspace, files, image, options)))
    return loaded
  } finally {
    workspace.dispose()
  }
}

const spoolArchive = async (workspace: Workspace, source: Readable, options: LoadOptions): Promise<Spool> => {
  const spool = new Spool(workspace, options.limits)
  const reader = new TarReader(spool)
  try {
    await pumpArchive(source, (piece) => reader.push(piece))
    reader.end()
  } finally {
    spool.close()
  }
  return spool
}

const loadImage = async (
  layout: Layout,
  workspace: Workspace,
  files: ArchiveFiles,
  { config: bytes, manifest, layers, names }: ArchivedImage,
  options: LoadOptions,
): Promise<Image[]> => {
  const config = parseConfig(bytes, names[0] ?? 'of the archive')
  const diffIds = config.rootfs.diff_ids.map(hexOf)
  if (diffIds.length !== layers.length)
    throw corrupt(`The archive has ${layers.length} layers for an image of ${diffIds.length}.`)
  const wanted = options.platform === undefined ? thisPlatform() : parsePlatform(options.platform)
  if (!fits(config, wanted))
    options.onWarning?.(
      `The image ${names[0] ?? ''} is made for ${platformText(config)}: its programs may not run here.`,
    )
  // One that is there twice is loaded once.
  const found = new Map(
    layers.map(({ path, digest }, index) => [diffIds[index] ?? '', { path: files.file(path), digest }]),
  )
  const all = [...found].map(([diffId, file]) => ({ diffId, ...file, isBorrowed: files.isBorrowed }))
  await loadLayers(layout, workspace, all, options)
  const origin = { config: bytes, ...(manifest !== undefined && { manifest }), isRegistry: false }
  const references = names.length === 0 ? [undefined] : names
  return references.map((reference) => commitImage(layout, workspace, { reference, config, origin, layers: [] }))
}
