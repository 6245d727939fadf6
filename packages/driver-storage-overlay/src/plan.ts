import { basename, dirname, join } from 'node:path'
import type { SandboxStep, StoragePlan, StorageRequest } from '@rt/driver-api'
import { RtError } from '@rt/driver-api'
import { diskFull, mountFailures } from './failures.ts'
import { MOUNT_DATA_LIMIT, mountData, type OverlayDirectories } from './mount-data.ts'

/** OVL_MAX_STACK of the kernel. */
const MOST_LAYERS = 500

export interface OverlayObservation {
  /** Type of the file system that the container's directory will lie on. */
  readonly fileSystem: string
  /** Permission bits of the topmost layer's root: the upper directory's are what the container sees on `/`. */
  readonly rootMode: number
  /** Whether this kernel knows `volatile` (5.10). */
  readonly hasVolatile?: boolean
}

export const upperDirectory = (directory: string): string => join(directory, 'upper')
export const workDirectory = (directory: string): string => join(directory, 'work')

/** The same for a container that starts again: what it wrote is in the upper directory. Throws RT_STORAGE_OVERLAY where the image has more layers than overlayfs can stack. */
export const planOverlay = (request: StorageRequest, observed: OverlayObservation): StoragePlan => {
  // The kernel refuses a directory that occurs twice (ELOOP), and a layer that is there again further down adds nothing.
  const lower = [...new Set(request.layers)]
  if (lower.length > MOST_LAYERS) {
    throw new RtError(
      'RT_STORAGE_OVERLAY',
      `The image has ${lower.length} layers, and overlayfs stacks at most ${MOST_LAYERS}.`,
      { remedy: 'Use --storage=copy, or export the image and import it again as one layer.' },
    )
  }
  const upper = upperDirectory(request.directory)
  const work = workDirectory(request.directory)
  const isVolatile = request.ephemeral === true && observed.hasVolatile === true
  const failure = { ENOSPC: diskFull(request.directory), EDQUOT: diskFull(request.directory) }
  return {
    enter: [
      {
        where: 'host',
        op: 'dir.make',
        path: upper,
        mode: observed.rootMode,
        why: "Everything that the container writes or deletes is kept here; the image's layers stay as they are.",
        failure,
      },
      {
        where: 'host',
        op: 'dir.make',
        path: work,
        mode: 0o700,
        why: 'overlayfs prepares files here before it moves them into the upper directory in one go.',
        failure,
      },
    ],
    mounts: mounts(request, { lower, upper, work, isVolatile }, mountFailures(request.directory, observed.fileSystem)),
    leave: [],
  }
}

const mounts = (
  { rootMountPoint }: StorageRequest,
  stack: OverlayDirectories,
  failure: ReturnType<typeof mountFailures>,
): readonly SandboxStep[] => {
  const overlay = (lower: readonly string[], from?: string): SandboxStep => ({
    where: 'sandbox',
    op: 'mount',
    source: 'overlay',
    target: rootMountPoint,
    inside: false,
    type: 'overlay',
    flags: [],
    data: mountData({ ...stack, lower }),
    ...(from !== undefined && { from }),
    why: "The container's root: the image's layers read-only below, its own directory writable above.",
    see: 'Documentation/filesystems/overlayfs.rst',
    failure,
  })
  const fits = (lower: readonly string[]): boolean =>
    Buffer.byteLength(mountData({ ...stack, lower })) <= MOUNT_DATA_LIMIT
  if (fits(stack.lower)) return [overlay(stack.lower)]

  // Too many layers for one page of options by their full names. Those of one directory have shorter ones in it.
  const from = dirname(stack.lower[0] as string)
  const beside = stack.lower.map((layer) => basename(layer))
  if (stack.lower.every((layer) => dirname(layer) === from) && fits(beside)) return [overlay(beside, from)]

  // Else each gets a number for a name, in a tmpfs that the root then covers: 500 of them are 2 KB.
  const numbers = stack.lower.map((_, index) => String(index))
  return [
    {
      where: 'sandbox',
      op: 'mount',
      source: 'tmpfs',
      target: rootMountPoint,
      inside: false,
      type: 'tmpfs',
      flags: ['nosuid', 'nodev', 'noexec'],
      data: 'mode=700,size=64k',
      why: 'mount(2) takes 4 KiB of options, too little for the names of so many layers: here they get short ones.',
      see: 'mount(2)',
    },
    ...stack.lower.flatMap((layer, index): SandboxStep[] => {
      const path = join(rootMountPoint, String(index))
      return [
        { where: 'sandbox', op: 'mounted.mkdir', path, mode: 0o700, why: `A place for layer ${index} from the top.` },
        {
          where: 'sandbox',
          op: 'mount',
          source: layer,
          target: path,
          inside: false,
          flags: ['bind'],
          why: `A short name for layer ${index} from the top.`,
          failure: { ENOENT: failure.ENOENT as NonNullable<typeof failure.ENOENT> },
        },
      ]
    }),
    overlay(numbers, rootMountPoint),
  ]
}
