import { constants, copyFileSync, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { adoptLayer } from '../store/adopt.ts'
import { diskFull } from '../store/disk-full.ts'
import { digestOf, type Layout } from '../store/layout.ts'
import { MEDIA } from '../store/manifest.ts'
import { makeTree } from '../store/workspace.ts'
import { locked, type Workspace } from '../store/write.ts'
import { corrupt } from '../tar/errors.ts'
import type { Unpackers } from '../unpack/file/unpackers.ts'
import type { UnpackLimits } from '../unpack/limits.ts'

export interface LayerFile {
  /** 64 hexadecimal digits. */
  readonly diffId: string
  /** Moved into the store where it is not borrowed, and copied where it is. undefined: the archive does not have it. */
  readonly path: string | undefined
  /** What its manifest says of it; undefined: there is none. */
  readonly digest: string | undefined
  readonly isBorrowed: boolean
}

/** Sees to it that the store has a layer, and keeps it as long as the workspace lives. Errors: RT_ARCHIVE_*, RT_DISK_FULL. */
export const loadLayer = async (
  layout: Layout,
  workspace: Workspace,
  { diffId, path: source, digest, isBorrowed }: LayerFile,
  unpackers: Unpackers,
  limits: UnpackLimits | undefined,
): Promise<void> => {
  const isHere = locked(layout, () => {
    const there = existsSync(layout.layer(diffId))
    if (there) workspace.pin(diffId)
    return there
  })
  if (isHere) return
  if (source === undefined || !existsSync(source)) throw corrupt(`The archive lacks the layer ${digestOf(diffId)}.`)
  // Somebody may write to his own file at any moment: what is checked is the copy.
  const path = isBorrowed ? copyOf(source, join(workspace.path, `borrowed-${diffId}`)) : source
  const { size } = statSync(path)
  const tree = makeTree(workspace)
  const job = { file: path, size, tree, ...(limits && { limits }) }
  const { packing, digest: found, ...facts } = await unpackers.unpack(job, size).end
  if (facts.diffId !== diffId || (digest !== undefined && found !== digest))
    throw corrupt(`The archive's layer ${digestOf(diffId)} is something else: ${digestOf(facts.diffId)}.`)
  locked(layout, () => {
    workspace.pin(diffId)
    const blob = { path, digest: found, size, mediaType: MEDIA.layer + packing }
    adoptLayer(layout, workspace, { tree, ...facts, blob })
  })
}

const copyOf = (source: string, path: string): string => {
  try {
    copyFileSync(source, path, constants.COPYFILE_FICLONE)
    return path
  } catch (error) {
    throw diskFull(error)
  }
}
