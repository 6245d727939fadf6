import { statSync } from 'node:fs'
import { goArchitecture } from '../config/image-config.ts'
import type { Image } from '../store/image.ts'

/** `./x`, `../x` and `/x` are paths, as in a shell; no image's name begins so. */
export const isPath = (text: string): boolean => /^(?:\.{0,2}\/|\.{1,2}$)/.test(text)

/** Whether an image's id is the path of a folder: `folderImage`. */
export const isFolderId = (id: string): boolean => id.startsWith('/')

/**
 * The root file system in a folder, as an image of one layer that says nothing of how it is to be run. It is no part of the store: the folder is
 * referred to by its path, and never written to. undefined: there is no such folder any more.
 */
export const folderImage = (path: string): Image | undefined =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
    ? {
        id: path,
        reference: undefined,
        config: { architecture: goArchitecture(), os: 'linux', rootfs: { type: 'layers', diff_ids: [] } },
        layers: [path],
      }
    : undefined
