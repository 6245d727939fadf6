import { join } from 'node:path'
import type { HostStep, StepFailure, StoragePlan, StorageRequest } from '@rt/driver-api'

export interface CopyObservation {
  /** Permission bits of the topmost layer's root, which are the container's `/`. */
  readonly rootMode: number
  /** The image was copied by an earlier start, or by who wrote into the container before its first. */
  readonly isComplete: boolean
  /** A copy was begun and never came to its end. */
  readonly isPartial: boolean
}

export const rootDirectory = (directory: string): string => join(directory, 'rootfs')
/** A file that is there once the copy is complete. */
export const completeMark = (directory: string): string => join(directory, 'rootfs.complete')

export const planCopy = (request: StorageRequest, observed: CopyObservation): StoragePlan => {
  const root = rootDirectory(request.directory)
  return {
    enter: observed.isComplete ? [] : copySteps(request, root, observed),
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

const copySteps = (
  { directory, layers }: StorageRequest,
  root: string,
  { rootMode, isPartial }: CopyObservation,
): HostStep[] => {
  const full: StepFailure = {
    code: 'RT_DISK_FULL',
    message: `The file system of ${directory} has no space or no inodes left for a copy of the image.`,
    remedy: "Free some space, move rt's data with --root, or use --storage=overlay, which copies nothing at the start.",
  }
  const failure = { ENOSPC: full, EDQUOT: full }
  const again: HostStep = {
    where: 'host',
    op: 'tree.remove',
    path: root,
    why: 'An earlier copy of the image was cut short.',
  }
  return [
    ...(isPartial ? [again] : []),
    {
      where: 'host',
      op: 'dir.make',
      path: root,
      mode: rootMode,
      why: "The container's root will be an ordinary directory of its own.",
      failure,
    },
    ...layers.toReversed().map(
      (layer, index): HostStep => ({
        where: 'host',
        op: 'tree.copy',
        from: layer,
        to: root,
        ...(index > 0 && { over: true }),
        why:
          index === 0
            ? 'A faithful copy of the image, lowest layer first; on btrfs and xfs the blocks are shared until one side writes.'
            : 'The next layer takes the place of what is below it; its whiteouts take away what it deleted.',
        see: 'ioctl_ficlone(2)',
        failure,
      }),
    ),
    {
      where: 'host',
      op: 'file.write',
      path: completeMark(directory),
      content: '',
      mode: 0o600,
      why: 'Tells the next start that the copy is complete, so that what the container has written stays.',
      failure,
    },
  ]
}
