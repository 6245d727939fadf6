import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { HostStep, StepFailure, StoragePlan, StorageRequest } from '@rt/driver-api'

export interface BtrfsObservation {
  /** Where the images' snapshots lie. */
  readonly bases: string
  /** Permission bits of the image's root, which are the container's `/`. */
  readonly rootMode: number
  /** An earlier start has made the root. */
  readonly isComplete: boolean
  /** There is a root; where it is not complete, one that was cut short. */
  readonly isPartial: boolean
  /** A container of the same image has left a snapshot of it. */
  readonly hasBase: boolean
  /** Snapshots of images that are gone. */
  readonly stale: readonly string[]
}

export const rootDirectory = (directory: string): string => join(directory, 'rootfs')
/** A file that is there once the root is complete. */
export const completeMark = (directory: string): string => join(directory, 'rootfs.complete')
/** One image is one list of layers. */
export const basePath = (bases: string, layers: readonly string[]): string =>
  join(bases, createHash('sha256').update(layers.join('\0')).digest('hex').slice(0, 32))
/** Tells of which layers a snapshot was made. */
export const layersPath = (base: string): string => `${base}.layers`

export const planBtrfs = (request: StorageRequest, observed: BtrfsObservation): StoragePlan => ({
  enter: observed.isComplete ? [] : rootSteps(request, observed),
  mounts: [
    {
      where: 'sandbox',
      op: 'mount',
      source: rootDirectory(request.directory),
      target: request.rootMountPoint,
      inside: false,
      flags: ['bind'],
      why: 'pivot_root(2) wants a mount point as the new root, so the snapshot is mounted onto the place for it.',
      see: 'pivot_root(2)',
    },
  ],
  // The subvolume lies in the container's directory and goes with it.
  leave: [],
})

const rootSteps = (request: StorageRequest, observed: BtrfsObservation): HostStep[] => {
  const root = rootDirectory(request.directory)
  const base = basePath(observed.bases, request.layers)
  return [
    ...(observed.isPartial
      ? [{ where: 'host', op: 'tree.remove', path: root, why: 'An earlier start was cut short.' } as const]
      : []),
    ...observed.stale.flatMap(staleSteps),
    ...(observed.hasBase ? [snapshot(base, root)] : firstSteps(request, observed, root, base)),
    {
      where: 'host',
      op: 'file.write',
      path: completeMark(request.directory),
      content: '',
      mode: 0o600,
      why: 'Tells the next start that the root is complete, so that what the container has written stays.',
      failure: FULL,
    },
  ]
}

const snapshot = (base: string, root: string): HostStep => ({
  where: 'host',
  op: 'exec',
  argv: ['btrfs', '-q', 'subvolume', 'snapshot', base, root],
  why: 'The root is a snapshot of the image: nothing is copied, and blocks are shared until one side writes.',
  see: 'btrfs-subvolume(8)',
  failure: FULL,
})

/** The first container of an image pays for the copy, and leaves a snapshot for all that come after. */
const firstSteps = (
  { layers }: StorageRequest,
  { bases, rootMode }: BtrfsObservation,
  root: string,
  base: string,
): HostStep[] => [
  {
    where: 'host',
    op: 'exec',
    argv: ['btrfs', '-q', 'subvolume', 'create', root],
    why: 'Only subvolumes can be snapshots and have some made of them.',
    see: 'btrfs-subvolume(8)',
    failure: FULL,
  },
  {
    where: 'host',
    op: 'exec',
    argv: ['chmod', rootMode.toString(8).padStart(4, '0'), root],
    why: "The container's `/` has the permissions that the image's has.",
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
          ? 'A faithful copy of the image, lowest layer first; its blocks are shared with the layer until one side writes.'
          : 'The next layer takes the place of what is below it; its whiteouts take away what it deleted.',
      see: 'ioctl_ficlone(2)',
      failure: FULL,
    }),
  ),
  {
    where: 'host',
    op: 'dir.make',
    path: bases,
    mode: 0o700,
    shared: true,
    why: 'Snapshots of images are kept for all containers.',
  },
  {
    where: 'host',
    op: 'file.write',
    path: layersPath(base),
    content: JSON.stringify(layers),
    mode: 0o600,
    shared: true,
    why: 'Tells of which layers the snapshot is, so that it can go when they have gone.',
    failure: FULL,
  },
  {
    where: 'host',
    op: 'exec',
    argv: ['btrfs', '-q', 'subvolume', 'snapshot', '-r', root, base],
    lock: join(bases, 'lock'),
    when: { missing: base },
    shared: true,
    why: 'The next container of this image gets a snapshot of this one. Of two that start at once, one makes it.',
    see: 'btrfs-subvolume(8)',
    failure: FULL,
  },
]

const staleSteps = (base: string): HostStep[] => [
  {
    where: 'host',
    op: 'exec',
    argv: ['btrfs', '-q', 'subvolume', 'delete', base],
    when: { exists: base },
    lock: join(base, '..', 'lock'),
    shared: true,
    why: 'The snapshot of an image that has been removed: what containers share with it stays theirs.',
    see: 'btrfs-subvolume(8)',
  },
  { where: 'host', op: 'file.remove', path: layersPath(base), shared: true, why: 'It told of that snapshot.' },
]

const full: StepFailure = {
  code: 'RT_DISK_FULL',
  message: 'The btrfs file system has no space left.',
  remedy: 'Free some space; `btrfs filesystem usage` tells where it went.',
}
const FULL = { ENOSPC: full, EDQUOT: full }
