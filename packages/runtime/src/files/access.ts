import { closeSync, constants, openSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { type OciMount, RtError, type StorageView } from '@rt/driver-api'
import type { loadFiles } from '@rt/images'
import { O_PATH, openDetachedOverlay, openProcessRoot, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from '@rt/native/fsat'
import type { ContainerRecord } from '../store/record.ts'
import { readInit } from '../store/state.ts'
import { claimStopped } from './claim.ts'
import { type FilesContext, imageOf, isLive } from './context.ts'
import { fillVolume } from './fill.ts'
import { viewFiles } from './view.ts'

export type FileTools = Awaited<ReturnType<typeof loadFiles>>
type Wanted = ReturnType<FileTools['wanted']>

/** A path of a container, ready to be read or written; `release` when that is done. */
export interface Access {
  readonly place: Wanted
  release(): void
}

/**
 * Opens a container's tree for a path in it. Of a running one as its own processes see it, volumes and tmpfs with it; of a stopped one its
 * root by itself, or the volume that the path lies in. Nothing is mounted on the host, and every path is resolved below the opened root
 * by the kernel (RESOLVE_IN_ROOT): links in it lead nowhere else (CVE-2018-15664).
 *
 * @throws RtError RT_CONTAINER_RUNNING (it is just being started or ending), RT_READ_ONLY, RT_DRIVER_LACKS
 */
export const access = async (
  tools: FileTools,
  context: FilesContext,
  record: ContainerRecord,
  path: string,
  write: boolean,
): Promise<Access> => {
  const text = path.startsWith('/') ? path : `/${path}`
  if (isLive(context, record)) return ofRoot(tools, record, runningRoot(context, record), text)
  const volume = volumeOf(record, text)
  if (volume !== undefined) {
    const point = record.mountPoints?.find(({ destination }) => destination === volume.destination)
    if (point) await fillVolume(context.layout, record, point, () => stoppedRoot(context, record, false))
    return ofVolume(tools, record, volume, text, write, point?.subpath)
  }
  if (write && record.spec.root.readonly)
    throw new RtError('RT_READ_ONLY', `The root of the container ${record.name} is read-only`)
  const release = write ? await claimStopped(context, record) : () => {}
  try {
    const opened = ofRoot(tools, record, await stoppedRoot(context, record, write), text)
    return {
      place: opened.place,
      release: () => {
        opened.release()
        release()
      },
    }
  } catch (error) {
    release()
    throw error
  }
}

const RESOLVE = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS

const ofRoot = (tools: FileTools, { name }: ContainerRecord, root: number, text: string): Access => ({
  place: tools.wanted({ root, resolve: RESOLVE, shown: (path) => `${name}:${path}` }, text),
  release: () => closeSync(root),
})

const runningRoot = ({ layout }: FilesContext, { id, name }: ContainerRecord): number => {
  const init = readInit(layout, id)
  const root = init === undefined ? undefined : openProcessRoot(init.pid, init.startTime)
  if (root !== undefined) return root
  throw new RtError('RT_CONTAINER_RUNNING', `The container ${name} is just being started or ending`, {
    remedy: 'Try again in a moment.',
  })
}

const stoppedRoot = async (context: FilesContext, record: ContainerRecord, write: boolean): Promise<number> => {
  const { layers } = imageOf(context, record)
  const view = await viewFiles(context, record, layers, write)
  if (view.root !== undefined) return openSync(view.root, O_PATH | constants.O_DIRECTORY)
  return mergedRoot(view, layers, write)
}

const mergedRoot = ({ upper, work }: StorageView, layers: readonly string[], write: boolean): number => {
  if (upper === undefined) throw new RtError('RT_INTERNAL', 'a storage view shows nothing')
  const distinct = [...new Set(layers)]
  if (!write) return openDetachedOverlay({ lower: [upper, ...distinct] })
  if (work !== undefined) return openDetachedOverlay({ lower: distinct, writable: { upper, work } })
  throw new RtError('RT_DRIVER_LACKS', "This storage driver does not let anybody write a stopped container's files", {
    remedy: 'Start the container first.',
  })
}

/** The innermost bind mount that the path lies in, going by names alone: nothing of a stopped container is mounted. */
const volumeOf = ({ spec }: ContainerRecord, text: string): OciMount | undefined => {
  const path = posix.normalize(text).replace(/(.)\/$/, '$1')
  return spec.mounts
    .filter(({ type, options }) => type === 'bind' || options.includes('bind') || options.includes('rbind'))
    .filter(({ destination }) => path === destination || path.startsWith(`${destination}/`))
    .sort((a, b) => b.destination.length - a.destination.length)[0]
}

const ofVolume = (
  tools: FileTools,
  record: ContainerRecord,
  { source, destination, options }: OciMount,
  text: string,
  write: boolean,
  subpath: string | undefined,
): Access => {
  const shown = `${record.name}:${destination}`
  if (write && options.includes('ro')) throw new RtError('RT_READ_ONLY', `${shown} is mounted read-only`)
  const end = /\/\.?$/.exec(text)?.[0] ?? ''
  const rest = posix
    .normalize(text)
    .replace(/(.)\/$/, '$1')
    .slice(destination.length)
  // Nobody who writes to a volume may lead others out of it: its parts are looked up below it, as at a start.
  const inVolume = subpath === undefined ? '' : `/${subpath}`
  const isDirectory = subpath !== undefined || (statSync(source, { throwIfNoEntry: false })?.isDirectory() ?? true)
  const directory = isDirectory ? source.slice(0, source.length - inVolume.length) : posix.dirname(source)
  let root: number
  try {
    root = openSync(directory, O_PATH | constants.O_DIRECTORY)
  } catch (error) {
    throw new RtError('RT_PATH_UNKNOWN', `${shown} is not there: the host has no ${source}`, { cause: error })
  }
  const tree = {
    root,
    resolve: RESOLVE,
    shown: (path: string) => `${shown}${path === '/' ? '' : path.slice(inVolume.length)}`,
  }
  const place = tools.wanted(
    tree,
    isDirectory ? `${inVolume}${rest}${end}` || '/' : `/${posix.basename(source)}${rest}${end}`,
  )
  // The volume's root has the name that it has in the container, not that of the directory on the host.
  const named = rest === '' ? { contentsOnly: end === '/.', name: posix.basename(destination) } : {}
  return { place: { ...place, ...named }, release: () => closeSync(root) }
}

/** The host's own files, from a working directory. */
export const hostAccess = (tools: FileTools, cwd: string, path: string): Access => {
  const root = openSync('/', O_PATH | constants.O_DIRECTORY)
  const text = path.startsWith('/') ? path : `${cwd}/${path}`
  return {
    place: tools.wanted({ root, resolve: 0, shown: (shown) => shown }, text),
    release: () => closeSync(root),
  }
}
