import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DriverContext, Probe, StorageDriver, StoragePlan, StorageRequest, StorageView } from '@rt/driver-api'
import { declaredOptions } from '@rt/driver-api'
import { fileSystemType } from '@rt/native'
import { unfitReason } from './failures.ts'
import { kernelHasOverlay, kernelHasVolatile } from './kernel.ts'
import { planOverlay, upperDirectory, workDirectory } from './plan.ts'

export const DRIVER_NAME = 'overlay'

/** Root file systems by overlayfs: started at once whatever the image's size, layers shared by all containers. */
export default class OverlayStorageDriver implements StorageDriver {
  static readonly options = {}
  readonly #context: DriverContext

  /** Throws RT_DRIVER_OPTION where `context.options` is not empty. */
  constructor(context: DriverContext) {
    declaredOptions('storage.overlay', context.options, OverlayStorageDriver.options)
    this.#context = context
  }

  async probe(): Promise<Probe> {
    if (!kernelHasOverlay()) {
      return {
        ok: false,
        reason: 'this kernel has no overlayfs',
        remedy: 'Load it with `modprobe overlay`, or use --storage=copy.',
      }
    }
    const fileSystem = fileSystemType(existingPart(this.#context.root))
    const unfit = unfitReason(fileSystem)
    if (unfit !== undefined) {
      return {
        ok: false,
        reason: `${this.#context.root} lies on ${fileSystem}: ${unfit}`,
        remedy: 'Use --storage=copy, or put --root on ext4, xfs or btrfs.',
      }
    }
    return { ok: true, detail: `writes to ${this.#context.root} on ${fileSystem}` }
  }

  async prepare(request: StorageRequest): Promise<StoragePlan> {
    return planOverlay(request, {
      fileSystem: fileSystemType(existingPart(request.directory)),
      rootMode: statSync(request.layers[0]).mode & 0o7777,
      hasVolatile: request.ephemeral === true && kernelHasVolatile(),
    })
  }

  async view({ directory }: Pick<StorageRequest, 'directory'>): Promise<StorageView> {
    return { upper: upperDirectory(directory), work: workDirectory(directory) }
  }
}

/** The path itself or the nearest directory above it that exists: where it will be made. */
const existingPart = (path: string): string => {
  let part = path
  while (!existsSync(part)) part = dirname(part)
  return part
}
