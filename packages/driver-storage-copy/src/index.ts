import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DriverContext, Probe, StorageDriver, StoragePlan, StorageRequest, StorageView } from '@rt/driver-api'
import { declaredOptions } from '@rt/driver-api'
import { fileSystemType } from '@rt/native'
import { completeMark, planCopy, rootDirectory } from './plan.ts'

export const DRIVER_NAME = 'copy'

/** Root file systems by full copy: slower to start, works on every file system. */
export default class CopyStorageDriver implements StorageDriver {
  static readonly options = {}
  readonly #context: DriverContext

  /** Throws RT_DRIVER_OPTION where `context.options` is not empty. */
  constructor(context: DriverContext) {
    declaredOptions('storage.copy', context.options, CopyStorageDriver.options)
    this.#context = context
  }

  async probe(): Promise<Probe> {
    let part = this.#context.root
    while (!existsSync(part)) part = dirname(part)
    const type = fileSystemType(part)
    return {
      ok: true,
      detail: SHARING.has(type) ? `shares blocks on ${type}` : `copies every byte: ${type} may not share blocks`,
    }
  }

  async prepare(request: StorageRequest): Promise<StoragePlan> {
    const isComplete = existsSync(completeMark(request.directory))
    return planCopy(request, {
      rootMode: statSync(request.layers[0]).mode & 0o7777,
      isComplete,
      isPartial: !isComplete && existsSync(rootDirectory(request.directory)),
    })
  }

  async view({ directory }: Pick<StorageRequest, 'directory'>): Promise<StorageView> {
    return { root: rootDirectory(directory) }
  }
}

/** File systems with FICLONE; xfs has it unless it was made with reflink=0. */
const SHARING = new Set(['btrfs', 'xfs'])
