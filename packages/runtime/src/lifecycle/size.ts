import { type Dirent, lstatSync, readdirSync } from 'node:fs'

/**
 * Bytes of the regular files below a directory that a container wrote; a file with several names counts once. For people's eyes: what is
 * nested deeper than a path can say is left out, and links are never followed.
 */
export const treeSize = (directory: string): number => sizeBelow(directory, new Set())

const sizeBelow = (directory: string, seen: Set<bigint>): number => {
  let size = 0
  for (const entry of entriesOf(directory)) {
    const path = `${directory}/${entry.name}`
    if (entry.isDirectory()) size += sizeBelow(path, seen)
    else if (entry.isFile()) size += sizeOf(path, seen)
  }
  return size
}

const entriesOf = (directory: string): Dirent[] => {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    if (isOutOfReach(error)) return []
    throw error
  }
}

const sizeOf = (path: string, seen: Set<bigint>): number => {
  try {
    const { size, ino, nlink } = lstatSync(path, { bigint: true })
    if (nlink > 1n && seen.has(ino)) return 0
    seen.add(ino)
    return Number(size)
  } catch (error) {
    if (isOutOfReach(error)) return 0
    throw error
  }
}

/** Gone meanwhile, or its path is longer than the kernel takes. A name that is not UTF-8 is not found either. */
const isOutOfReach = (error: unknown): boolean =>
  ['ENOENT', 'ENAMETOOLONG', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
