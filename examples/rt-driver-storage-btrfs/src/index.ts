import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  type DriverContext,
  type Probe,
  RtError,
  readOptions,
  type StorageDriver,
  type StoragePlan,
  type StorageRequest,
  type StorageView,
} from '@rt/driver-api'
import { fileSystemType, findProgram } from '@rt/native'
import { type BtrfsObservation, basePath, completeMark, layersPath, planBtrfs, rootDirectory } from './plan.ts'

/** A container's root is a snapshot of its image: there at once, whatever the image's size, and an ordinary directory of the host. */
export default class BtrfsStorageDriver implements StorageDriver {
  readonly #context: DriverContext

  /** Throws RT_DRIVER_OPTION where `context.options` is not empty. */
  constructor(context: DriverContext) {
    readOptions('storage.btrfs', context.options, {})
    this.#context = context
  }

  async probe(): Promise<Probe> {
    const { root } = this.#context
    const type = fileSystemType(existingPart(root))
    if (type !== 'btrfs') return { ok: false, reason: `${root} lies on ${type}`, remedy: NOT_BTRFS }
    if (findProgram('btrfs') === undefined)
      return {
        ok: false,
        reason: 'the program btrfs is not installed',
        remedy: 'Install it: apt-get install btrfs-progs',
      }
    return { ok: true, detail: `snapshots on ${root}` }
  }

  async prepare(request: StorageRequest): Promise<StoragePlan> {
    const type = fileSystemType(existingPart(request.directory))
    if (type !== 'btrfs')
      throw new RtError('RT_BTRFS', `The storage driver btrfs needs btrfs, and ${this.#context.root} lies on ${type}`, {
        remedy: NOT_BTRFS,
      })
    return planBtrfs(request, this.#observe(request))
  }

  async view({ directory }: Pick<StorageRequest, 'directory'>): Promise<StorageView> {
    return { root: rootDirectory(directory) }
  }

  #observe({ layers, directory }: StorageRequest): BtrfsObservation {
    const bases = join(this.#context.root, 'storage', 'btrfs')
    const base = basePath(bases, layers)
    return {
      bases,
      rootMode: statSync(layers[0]).mode & 0o7777,
      isComplete: existsSync(completeMark(directory)),
      isPartial: existsSync(rootDirectory(directory)),
      hasBase: existsSync(base),
      stale: existsSync(base) ? [] : staleBases(bases),
    }
  }
}

const NOT_BTRFS = 'Put --root on a btrfs file system, or use --storage=overlay.'

/** Snapshots of images that have been removed: one of their layers is gone. */
const staleBases = (bases: string): string[] =>
  (existsSync(bases) ? readdirSync(bases) : [])
    .filter((name) => !name.includes('.'))
    .map((name) => join(bases, name))
    .filter((base) => existsSync(layersPath(base)) && !layersOf(base).every((layer) => existsSync(layer)))

const layersOf = (base: string): string[] => JSON.parse(readFileSync(layersPath(base), 'utf8')) as string[]

/** The path itself or the nearest directory above it that exists: where it will be made. */
const existingPart = (path: string): string => {
  let part = path
  while (!existsSync(part)) part = dirname(part)
  return part
}
