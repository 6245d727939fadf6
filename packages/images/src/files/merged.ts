import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { namesOf, O_PATH, openNode } from '@rt/native/fsat'
import { toName } from '../unpack/path.ts'
import { isOpaque, isWhiteout, type Node, typeOf } from './node.ts'

/**
 * The tree that overlayfs would show of these directories, topmost first, without a mount: a name comes from the topmost directory that has
 * it, directories of one name are one, whiteouts and opaque directories hide what is below them.
 */
export const openMerged = (directories: readonly string[]): Node => {
  const fds: number[] = []
  try {
    for (const path of directories) fds.push(openSync(path, O_PATH | constants.O_DIRECTORY))
    return mergedNode(fds)
  } catch (error) {
    for (const fd of fds) closeSync(fd)
    throw error
  }
}

/** `fds`, taken over: the visible node first, then the directories that show through it. */
const mergedNode = (fds: readonly number[]): Node => {
  const [top] = fds
  if (top === undefined) throw new RangeError('a merged tree of no directories')
  return {
    fd: top,
    stat: fstatSync(top, { bigint: true }),
    names: () => {
      const names = new Set(fds.flatMap(namesOf))
      return [...names].filter((name) => isVisible(fds, name)).sort()
    },
    open: (name) => {
      const found = lookUp(fds, name)
      return found.length === 0 ? undefined : mergedNode(found)
    },
    close: () => {
      for (const fd of fds) closeSync(fd)
    },
  }
}

const isVisible = (fds: readonly number[], name: string): boolean => {
  for (const directory of fds) {
    const fd = openNode(directory, toName(name))
    if (fd === undefined) continue
    try {
      return !isWhiteout(fstatSync(fd, { bigint: true }))
    } finally {
      closeSync(fd)
    }
  }
  return false
}

const lookUp = (fds: readonly number[], name: string): number[] => {
  const found: number[] = []
  for (const directory of fds) {
    const fd = openNode(directory, toName(name))
    if (fd === undefined) continue
    const stat = fstatSync(fd, { bigint: true })
    const isDirectory = typeOf(stat) === 'dir'
    if (isWhiteout(stat) || (!isDirectory && found.length > 0)) {
      closeSync(fd)
      break
    }
    found.push(fd)
    if (!isDirectory || isOpaque(fd)) break
  }
  return found
}
