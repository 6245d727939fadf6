import { closeSync, constants, lstatSync, openSync, readdirSync, type Stats } from 'node:fs'

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** A descriptor and a call each. */
const DEEPEST = 1000

/**
 * Bytes of the regular files below a directory that a container wrote; a file with several names counts once. For people's eyes: what is
 * nested deeper than DEEPEST is left out. The container may be changing the tree: every directory is opened without following a link and
 * its entries are reached through that descriptor, so that nothing outside is ever looked at.
 */
export const treeSize = (directory: string): number => {
  const seen = new Set<string>()
  const isNew = ({ nlink, dev, ino }: Stats): boolean => {
    const key = nlink === 1 ? undefined : `${dev} ${ino}`
    if (key === undefined) return true
    return !seen.has(key) && seen.add(key).has(key)
  }
  const sizeBelow = (path: string | Buffer, depth: number): number => {
    const fd = unlessGone(() => openSync(path, DIRECTORY))
    if (fd === undefined) return 0
    let size = 0
    try {
      const base = Buffer.from(`/proc/self/fd/${fd}/`)
      for (const name of readdirSync(base, { encoding: 'buffer' })) {
        const entry = Buffer.concat([base, name])
        const stat = unlessGone(() => lstatSync(entry))
        if (stat?.isDirectory() && depth < DEEPEST) size += sizeBelow(entry, depth + 1)
        else if (stat?.isFile() && isNew(stat)) size += stat.size
      }
    } finally {
      closeSync(fd)
    }
    return size
  }
  return sizeBelow(directory, 1)
}

/** undefined: it went or became something else while we looked. */
const unlessGone = <T>(look: () => T): T | undefined => {
  try {
    return look()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
