import { existsSync, writeFileSync } from 'node:fs'
import type { StorageView } from '@rt/driver-api'
import { RtError } from '@rt/driver-api'
import type { Image } from '@rt/images'
import { performSteps } from '@rt/native'
import type { ContainerRecord } from '../store/record.ts'
import { hasFiles } from '../store/state.ts'
import { claimStopped } from './claim.ts'

import { type FilesContext, isLive } from './context.ts'

/**
 * Where the container's files lie on the host. Those of one that was never started are made first. `claimed`: the caller holds it by
 * `claimStopped`, so that it only looks alive.
 * Errors: RT_DRIVER_LACKS, RT_IMAGE_UNKNOWN, RT_CONTAINER_RUNNING (it is just being started).
 */
export const viewFiles = async (
  context: FilesContext,
  record: ContainerRecord,
  layers: Image['layers'],
  claimed = false,
): Promise<StorageView> => {
  const storage = await context.registry.resolve('storage', record.drivers.storage)
  const directory = context.layout.container(record.id)
  const view = await storage.view?.({ layers, directory })
  if (view === undefined || (view.root === undefined && view.upper === undefined))
    throw new RtError(
      'RT_DRIVER_LACKS',
      `The storage driver ${record.drivers.storage} does not show a container's files`,
    )
  if (!claimed && isLive(context, record)) return view
  const plan = await storage.prepare({
    container: { id: record.id, name: record.name, hostname: record.spec.hostname },
    layers,
    directory,
    rootMountPoint: context.layout.rootMountPoint,
    resume: true,
  })
  // Not even an empty directory for a container that is being removed just now.
  const enter = plan.enter.filter((step) => step.op !== 'dir.make' || !existsSync(step.path))
  // A directory may be made twice; a copy of the image may not be made by two at once.
  const release =
    claimed || enter.every(({ op }) => op === 'dir.make') ? undefined : await claimStopped(context, record)
  try {
    performSteps(enter)
    if (!hasFiles(context.layout, record.id)) writeFileSync(context.layout.prepared(record.id), '', { mode: 0o600 })
  } finally {
    release?.()
  }
  return view
}
