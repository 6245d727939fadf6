import type { ContainerId } from '@rt/driver-api'
import type { ImageConfig } from '@rt/images'
import { currentDirectory } from '../current-directory.ts'
import type { Layout } from '../layout.ts'
import type { RunRequest } from '../request.ts'
import type { MountPoint } from '../store/mount-point.ts'
import type { PlannedMounts } from '../volumes/plan.ts'

/** Most containers mount nothing, and then nothing is loaded. @throws RtError as `askMounts` */
export const askedMounts = async (
  layout: Layout,
  { spec }: RunRequest,
  image: ImageConfig['config'],
): Promise<readonly MountPoint[]> => {
  const ofImage = Object.keys(image?.Volumes ?? {})
  const { volumes = [], mounts = [], tmpfs = [], volumesFrom = [] } = spec
  if (ofImage.length + volumes.length + mounts.length + tmpfs.length + volumesFrom.length === 0) return []
  const { askMounts } = await import('../volumes/asked.ts')
  return askMounts(layout, { flags: spec, image: ofImage, cwd: currentDirectory() })
}

/** See `claimVolumes`. */
export const claimMounts = async (
  layout: Layout,
  id: ContainerId,
  mounts: readonly MountPoint[],
  isNew: boolean,
): Promise<void> => {
  if (!mounts.some(({ type }) => type === 'volume')) return
  const { claimVolumes } = await import('../volumes/asked.ts')
  claimVolumes(layout, id, mounts, isNew)
}

export const plannedMounts = async (
  layout: Layout,
  id: ContainerId,
  mounts: readonly MountPoint[],
): Promise<PlannedMounts> => {
  if (mounts.length === 0) return { mounts: [], extras: [], enter: [] }
  const { planMounts } = await import('../volumes/asked.ts')
  return planMounts(layout, id, mounts)
}
