import { closeSync, fstatSync } from 'node:fs'
import { isRtError, RtError } from '@rt/driver-api'
import { errorCode } from '@rt/native'
import { mountId, openNode, unlinkat } from '@rt/native/fsat'
import type { TarSink } from '../tar/sink.ts'
import { UNLIMITED } from '../unpack/limits.ts'
import { type Existing, TreeWriter } from '../unpack/tree-writer.ts'
import { plainNode } from './node.ts'
import { closePlace, goTo, type Place, shownPlace, type Wanted } from './place.ts'
import { TreeReader, type WalkOptions, type Work } from './walk.ts'

export interface CopyOptions {
  /** Whose the copies are; undefined: whose the originals are. */
  readonly owner: WalkOptions['owner']
  /** Copy what a link leads to, and not the link. */
  readonly followLink: boolean
  readonly onWarning: (text: string) => void
}

/**
 * Copies a file or a tree by the rules of `docker cp`: into a directory that is there, else under the name that is given. A directory takes
 * in another, but nothing that is no directory takes a directory's place, or the other way round.
 * Errors: RT_PATH_UNKNOWN, RT_PATH_UNFIT, RT_READ_ONLY, RT_DISK_FULL.
 */
export function* copy(from: Wanted, to: Wanted, options: CopyOptions): Work {
  const source = openSource(from, options.followLink)
  const place = goTo(to, true)
  try {
    const { directory, name } = target(from, source, to, place)
    const contentsOnly = name === ''
    const writer = openWriter(directory, options.onWarning)
    try {
      const reader = new TreeReader(writer, { contentsOnly, ...(options.owner && { owner: options.owner }) })
      yield* reader.tree(plainNode(source.node), name)
      writer.finish()
    } catch (error) {
      writer.abandon()
      throw writeError(to, writer.current, error)
    }
  } finally {
    closePlace(place)
    closePlace(source)
  }
}

/** Hands a file or tree on as an archive whose first entry has the path's last name. Errors: RT_PATH_UNKNOWN, RT_PATH_UNFIT. */
export function* archive(from: Wanted, followLink: boolean, sink: TarSink): Work {
  const source = openSource(from, followLink)
  try {
    yield* new TreeReader(sink).tree(plainNode(source.node), from.contentsOnly ? '' : source.name)
  } finally {
    closePlace(source)
  }
}

/** A directory that takes the entries of an archive. */
export interface ArchiveTarget {
  /** Ends with `finish` or `abandon`. */
  readonly writer: TreeWriter
  release(): void
}

/** Errors: RT_PATH_UNKNOWN, RT_PATH_UNFIT. */
export const openArchiveTarget = (to: Wanted, onWarning: (text: string) => void): ArchiveTarget => {
  const place = goTo(to, true)
  try {
    if (place.node === undefined) throw unknown(to)
    if (!fstatSync(place.node).isDirectory()) throw unfit(to, 'is not a directory')
    return { writer: openWriter(place.node, onWarning), release: () => closePlace(place) }
  } catch (error) {
    closePlace(place)
    throw error
  }
}

const openSource = (from: Wanted, followLink: boolean): Place & { readonly node: number } => {
  const place = goTo(from, followLink || from.isDirectory)
  if (place.node === undefined) throw unknown(from)
  if (from.isDirectory && !fstatSync(place.node).isDirectory()) throw unfit(from, 'is not a directory')
  const name = from.name ?? from.path.slice(from.path.lastIndexOf('/') + 1)
  // A link that is followed keeps its own name.
  return { ...place, node: place.node, name: name === '' || name === '..' ? place.name : name }
}

/** Where the copy goes: the directory, and the name that it gets there; empty: what is in the source becomes the directory's own. */
const target = (
  from: Wanted,
  source: Place & { readonly node: number },
  to: Wanted,
  place: Place,
): { readonly directory: number; readonly name: string } => {
  const isDirectory = fstatSync(source.node).isDirectory()
  if (place.node !== undefined && fstatSync(place.node).isDirectory())
    return { directory: place.node, name: from.contentsOnly ? '' : source.name }
  if (place.node !== undefined && (isDirectory || to.isDirectory))
    throw unfit(to, isDirectory ? 'is a file, and a directory cannot be copied onto it' : 'is not a directory')
  // A copy takes the place of a file. Who names /dev/null means to write there, and not to be without it.
  if (place.node !== undefined && !fstatSync(place.node).isFile())
    throw unfit(to, 'is a device, FIFO or socket, and a copy would take its place')
  if (place.parent === undefined) throw unknown(to)
  if (place.node === undefined && to.isDirectory && !isDirectory) throw unknown(to, 'The directory ')
  return { directory: place.parent, name: place.name }
}

const unknown = (place: Wanted, what = ''): RtError =>
  new RtError('RT_PATH_UNKNOWN', `${what}${shownPlace(place)} does not exist`)

const unfit = (place: Wanted, problem: string): RtError =>
  new RtError('RT_PATH_UNFIT', `${shownPlace(place)} ${problem}`)

const openWriter = (directory: number, onWarning: (text: string) => void): TreeWriter =>
  new TreeWriter(directory, UNLIMITED, onWarning, KEEP_KIND)

const KEEP_KIND: Existing = {
  describeRoot: false,
  remove: (directory, name, byDirectory) => {
    const fd = openNode(directory, name)
    if (fd === undefined) return
    try {
      const isDirectory = fstatSync(fd).isDirectory()
      if (isDirectory !== byDirectory) throw new KindError(isDirectory)
      // The kernel says EBUSY only of mounts in our own namespace; what is mounted in the container's would silently be unmounted.
      if (mountId(fd) !== mountId(directory)) throw new MountPointError()
      unlinkat(directory, name)
    } finally {
      closeSync(fd)
    }
  },
}

class MountPointError extends Error {}

class KindError extends Error {
  readonly isDirectory: boolean

  constructor(isDirectory: boolean) {
    super()
    this.isDirectory = isDirectory
  }
}

/** `entry`: the one in work, as a byte string. */
export const writeError = (to: Wanted, entry: string, error: unknown): unknown => {
  if (isRtError(error)) return error
  const name = Buffer.from(entry, 'latin1').toString()
  const where = `${shownPlace(to)}${name === '' ? '' : ` (${JSON.stringify(name)})`}`
  if (error instanceof KindError) {
    const problem = error.isDirectory
      ? 'is a directory, and what is none cannot replace it'
      : 'is not a directory, and a directory cannot replace it'
    return new RtError('RT_PATH_UNFIT', `${where} ${problem}`)
  }
  if (error instanceof MountPointError || errorCode(error) === 'EBUSY')
    return new RtError('RT_PATH_UNFIT', `${where} is a mount point, so it cannot be replaced`, { cause: error })
  switch (errorCode(error)) {
    case undefined:
      return error
    case 'EROFS':
      return new RtError('RT_READ_ONLY', `${where} is on a read-only file system`, { cause: error })
    case 'ENOSPC':
    case 'EDQUOT':
      return new RtError('RT_DISK_FULL', `${where} has no space left`, { cause: error })
    case 'ENOENT':
      // The directory was opened before: its file system makes no files, as /proc, or somebody has just removed it.
      return new RtError('RT_PATH_UNFIT', `${where} cannot be made: there can be no new file in that directory`, {
        remedy: 'Choose another directory; /proc and /sys take no files.',
        cause: error,
      })
    default:
      return new RtError('RT_STEP_FAILED', `${where} cannot be written: ${(error as Error).message}`, {
        remedy: "The kernel's own words are in the message.",
        cause: error,
      })
  }
}
