import type { ContainerId } from '@rt/driver-api'
import { RtError } from '@rt/driver-api'
import type { Layout } from '../layout.ts'
import type { MountPoint } from '../store/mount-point.ts'
import { addUser, makeVolume, readVolume } from './store.ts'

/**
 * Makes the volumes that are missing, and sees to it that none goes as long as the container exists; under the store's lock, with the way
 * back on disk.
 *
 * @param isNew a container that was there before has its volumes, and so do others that it takes them from
 * @throws RtError RT_VOLUME_UNKNOWN
 */
export const claimVolumes = (layout: Layout, id: ContainerId, mounts: readonly MountPoint[], isNew: boolean): void => {
  for (const { name, anonymous, labels, by } of mounts) {
    if (name === undefined) continue
    if (readVolume(layout, name)) addUser(layout, name, id)
    else if (by === 'volumes-from' || (anonymous && !isNew))
      throw new RtError('RT_VOLUME_UNKNOWN', `The volume ${name} of the container is gone`, {
        remedy: 'Make a new container: what was in the volume is lost.',
      })
    else makeVolume(layout, { name, labels: labels ?? {}, ...(anonymous && { anonymous }) }, id)
  }
}
