import { join } from 'node:path'
import type { HostStep, StepFailure, StoragePlan, StorageRequest } from '@rt/driver-api'

export interface CopyObservation {
  /** Permission bits of the topmost layer's root, which are the container's `/`. */
  readonly rootMode: number
}

export const planCopy = (request: StorageRequest, observed: CopyObservation): StoragePlan => {
  const root = join(request.directory, 'rootfs')
  const full: StepFailure = {
    code: 'RT_DISK_FULL',
    message: `The file system of ${request.directory} has no space or no inodes left for a copy of the image.`,
    remedy: "Free some space, move rt's data with --root, or use --storage=overlay, which copies nothing at the start.",
  }
  const failure = { ENOSPC: full, EDQUOT: full }
  // The copy was made by the first start, and the container has changed it since.
  const layers = request.resume ? [] : request.layers.toReversed()
  return {
    enter: [
      {
        where: 'host',
        op: 'dir.make',
        path: root,
        mode: observed.rootMode,
        why: "The container's root will be an ordinary directory of its own.",
        failure,
      },
      ...layers.map(
        (layer): HostStep => ({
          where: 'host',
          op: 'tree.copy',
          from: layer,
          to: root,
          why: 'A faithful copy of the image, lowest layer first; on btrfs and xfs the blocks are shared until one side writes.',
          see: 'ioctl_ficlone(2)',
          failure,
        }),
      ),
    ],
    mounts: [
      {
        where: 'sandbox',
        op: 'mount',
        source: root,
        target: request.rootMountPoint,
        inside: false,
        flags: ['bind'],
        why: 'pivot_root(2) wants a mount point as the new root, so the copy is mounted onto the place for it.',
        see: 'pivot_root(2)',
      },
    ],
    leave: [],
  }
}
