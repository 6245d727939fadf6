import { closeSync, constants, lstatSync, openSync, readdirSync, type Stats } from 'node:fs'
import type { Runtime } from '../runtime.ts'
import type { ContainerRecord } from '../store/record.ts'
import { storageView } from './inspect.ts'

/** Bytes, as the files' lengths add up. */
export interface ContainerSize {
  /** Of what the container has written; undefined: its storage driver cannot tell that apart. */
  readonly written?: number
  /** Of all it sees: the image and what it has written. */
  readonly total?: number
}

/** @param images memory of the images' sizes, for several containers of one image */
export const containerSize = async (
  rt: Runtime,
  record: ContainerRecord,
  images = new Map<string, number>(),
): Promise<ContainerSize> => {
  const image = rt.images.find(record.image.id)
  const view = await storageView(rt, record, image)
  if (view.upper === undefined) return view.root === undefined ? {} : { total: treeSize(view.root) }
  if (images.size === 0) for (const { id, size } of rt.images.list()) images.set(id, size)
  const written = treeSize(view.upper)
  return { written, total: written + (images.get(record.image.id) ?? 0) }
}

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/**
 * The lengths of all regular files and links below a directory, each file once. The container may be changing the tree: every directory is opened
 * without following a link and its entries are reached through that descriptor, so that nothing outside is ever looked at.
 */
export const treeSize = (directory: string): number => {
  const seen = new Set<string>()
  let sum = 0
  const walk = (path: string | Buffer): void => {
    const fd = unlessGone(() => openSync(path, DIRECTORY))
    if (fd === undefined) return
    try {
      const base = Buffer.from(`/proc/self/fd/${fd}/`)
      for (const name of readdirSync(base, { encoding: 'buffer' })) {
        const entry = Buffer.concat([base, name])
        const stat = unlessGone(() => lstatSync(entry))
        if (stat?.isDirectory()) walk(entry)
        else if (stat && isNew(stat)) sum += stat.size
      }
    } finally {
      closeSync(fd)
    }
  }
  const isNew = ({ nlink, dev, ino }: Stats): boolean => {
    if (nlink === 1) return true
    const key = `${dev} ${ino}`
    return !seen.has(key) && seen.add(key) !== undefined
  }
  walk(directory)
  return sum
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
