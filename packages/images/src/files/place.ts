import { closeSync, constants, fstatSync } from 'node:fs'
import { posix } from 'node:path'
import { RtError } from '@rt/driver-api'
import { errorCode } from '@rt/native'
import { linkTarget, O_PATH, openat2, openNode } from '@rt/native/fsat'
import { toName } from '../unpack/path.ts'

/** One side of a copy: the host's files or a container's. */
export interface Tree {
  /** fd of the directory that `/` means. Stays the caller's. */
  readonly root: number
  /** `RESOLVE_*`: for a container, that no link and no `..` leads out of `root`; checked by the kernel at every step. */
  readonly resolve: number
  /** How a path of it is shown to people. */
  readonly shown: (path: string) => string
}

/** A path as it was given, absolute, and what its end says. Byte strings. */
export interface Wanted {
  readonly tree: Tree
  readonly path: string
  /** It ends with `/` or `/.`: it must be a directory. */
  readonly isDirectory: boolean
  /** It ends with `/.`: not the directory is meant but what is in it. */
  readonly contentsOnly: boolean
  /** What it is called, where the path does not say it. */
  readonly name?: string
}

/** `text`: absolute, in the tree. */
export const wanted = (tree: Tree, text: string): Wanted => {
  const path = Buffer.from(text).toString('latin1')
  return {
    tree,
    path: path.replace(/(?:\/\.?)+$/, '') || '/',
    isDirectory: /\/\.?$/.test(path),
    contentsOnly: path.endsWith('/.') || /^\/*$/.test(path),
  }
}

export const shownPlace = ({ tree, path }: Pick<Wanted, 'tree' | 'path'>): string =>
  tree.shown(Buffer.from(path, 'latin1').toString())

/** What a path leads to. */
export interface Place {
  /** fd of the directory that has it; undefined: the path is no name in a directory (`/`, `..`). */
  readonly parent: number | undefined
  /** Its name there. */
  readonly name: string
  /** O_PATH fd; undefined: there is nothing of that name. */
  readonly node: number | undefined
}

export const closePlace = ({ parent, node }: Place): void => {
  if (parent !== undefined) closeSync(parent)
  if (node !== undefined) closeSync(node)
}

/** MAXSYMLINKS of the kernel. */
const MOST_LINKS = 40

/**
 * Goes to a path. A link at its end is followed when `follow` says so, here and not by the kernel, because whoever replaces a file needs
 * the directory that it really is in. Errors: RT_PATH_UNKNOWN, RT_PATH_UNFIT.
 */
export const goTo = (place: Wanted, follow: boolean): Place => {
  let { path } = place
  for (let links = 0; links <= MOST_LINKS; links++) {
    const [directory, name] = [posix.dirname(path), posix.basename(path)]
    try {
      if (name === '' || name === '.' || name === '..')
        return { parent: undefined, name: posix.basename(posix.normalize(path)), node: openDirectory(place.tree, path) }
      const found = step(place.tree, directory, name)
      const target = follow ? linkOf(found) : undefined
      if (target === undefined) return found
      closePlace(found)
      path = posix.isAbsolute(target) ? target : `${directory}/${target}`
      path = path.replace(/(.)\/+$/, '$1')
    } catch (error) {
      throw pathError(place, error)
    }
  }
  throw new RtError('RT_PATH_UNFIT', `${shownPlace(place)} is a link that leads through too many others`)
}

const step = (tree: Tree, directory: string, name: string): Place => {
  const parent = openDirectory(tree, directory)
  try {
    return { parent, name, node: openNode(parent, toName(name)) }
  } catch (error) {
    closeSync(parent)
    throw error
  }
}

const linkOf = ({ node }: Place): string | undefined =>
  node !== undefined && fstatSync(node).isSymbolicLink() ? linkTarget(node) : undefined

/** How often the kernel may find that something was renamed while it went through `..`, before it is somebody's doing. */
const ATTEMPTS = 200

const openDirectory = ({ root, resolve }: Tree, path: string): number => {
  for (let attempt = 1; ; attempt++) {
    try {
      return openat2(root, toName(path), { flags: O_PATH | constants.O_DIRECTORY, resolve })
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN' || attempt === ATTEMPTS) throw error
    }
  }
}

export const pathError = (place: Pick<Wanted, 'tree' | 'path'>, error: unknown): unknown => {
  const shown = shownPlace(place)
  switch (errorCode(error)) {
    case 'ENOENT':
      return new RtError('RT_PATH_UNKNOWN', `${shown} does not exist`, { cause: error })
    case 'ENOTDIR':
      return new RtError('RT_PATH_UNFIT', `${shown}: a part of the path is not a directory`, { cause: error })
    case 'ELOOP':
      return new RtError('RT_PATH_UNFIT', `${shown}: a part of the path is a link that leads nowhere`, { cause: error })
    case 'ENAMETOOLONG':
      return new RtError('RT_PATH_UNFIT', `${shown}: the path is too long`, { cause: error })
    default:
      return error
  }
}
