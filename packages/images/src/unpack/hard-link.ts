import { closeSync, constants } from 'node:fs'
import { errorCode } from '@rt/native'
import { linkat, O_PATH, openat2 } from '@rt/native/fsat'
import type { TarEntry } from '../tar/entry.ts'
import { corrupt, hostile, shown } from '../tar/errors.ts'
import { BENEATH } from './directories.ts'
import { toName } from './path.ts'
import { type Remove, replacing } from './replace.ts'

export interface HardLink {
  /** fd of the new root. */
  readonly root: number
  /** fd of the directory that gets the link. */
  readonly parent: number
  /** Components of the link and of the earlier entry that it names. */
  readonly path: readonly string[]
  readonly source: readonly string[]
  /** Both are in the same directory, as most are. */
  readonly near: boolean
  readonly entry: TarEntry
  readonly remove: Remove
}

/** Errors: RT_ARCHIVE_CORRUPT, RT_ARCHIVE_HOSTILE. */
export const makeHardLink = (link: HardLink): void => {
  const { root, parent, path, source, near, entry, remove } = link
  if (source.join('/') === path.join('/')) {
    throw corrupt(`The archive's entry ${shown(entry.path)} is a hard link to itself.`)
  }
  const [name, from] = [path.at(-1) ?? '', source.at(-1)]
  if (from === undefined) throw hostile(entry.path, 'it is a hard link to the root directory')
  let directory: number | undefined
  try {
    if (!near) {
      const flags = O_PATH | constants.O_DIRECTORY
      directory = openat2(root, toName(source.slice(0, -1).join('/') || '.'), { flags, resolve: BENEATH })
    }
    const origin = directory ?? parent
    replacing(parent, toName(name), () => linkat(origin, toName(from), parent, toName(name)), remove)
  } catch (error) {
    throw linkError(error, entry)
  } finally {
    if (directory !== undefined) closeSync(directory)
  }
}

const linkError = (error: unknown, { path, linkpath }: TarEntry): unknown => {
  const target = shown(linkpath)
  switch (errorCode(error)) {
    case 'ENOENT':
      return corrupt(`The archive's entry ${shown(path)} is a hard link to ${target}, which is not there.`, error)
    case 'ELOOP':
      return hostile(path, `it is a hard link through a symbolic link, to ${target}`, error)
    case 'ENOTDIR':
      return hostile(path, `it is a hard link to something below a file, ${target}`, error)
    case 'EPERM':
      return hostile(path, `it is a hard link to a directory, ${target}`, error)
    default:
      return error
  }
}
