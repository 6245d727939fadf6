import type { StepFailure } from '@rt/driver-api'

/** What the kernel's refusals of an overlay mount mean. `fileSystem` is the type of what `directory` lies on. */
export const mountFailures = (directory: string, fileSystem: string): Readonly<Record<string, StepFailure>> => {
  const unfit: StepFailure = {
    code: 'RT_STORAGE_OVERLAY',
    message: `overlayfs cannot write to ${directory}, which lies on ${fileSystem}: ${unfitBecause(fileSystem)}.`,
    remedy: 'Use --storage=copy, or put --root on ext4, xfs or btrfs.',
  }
  return {
    EINVAL: unfit,
    EOPNOTSUPP: unfit,
    EREMOTE: unfit,
    ENODEV: {
      code: 'RT_STORAGE_OVERLAY',
      message: 'This kernel has no overlayfs.',
      remedy: 'Load it with `modprobe overlay`, or use --storage=copy.',
    },
    EPERM: {
      code: 'RT_STORAGE_OVERLAY',
      message: 'The kernel does not let this process mount overlayfs.',
      remedy: 'Run rt as root of the machine and not of a user namespace, or use --storage=copy.',
    },
    ENOENT: {
      code: 'RT_STORAGE_OVERLAY',
      message: `A layer of the image, or ${directory}, is missing.`,
      remedy: 'Remove the image with `rt rmi` and import it again.',
    },
    EBUSY: {
      code: 'RT_STORAGE_OVERLAY',
      message: `Another overlay mount uses ${directory}.`,
      remedy: 'Unmount it: `findmnt -t overlay` lists the overlay mounts.',
    },
    ENOSPC: diskFull(directory),
    EDQUOT: diskFull(directory),
  }
}

export const diskFull = (directory: string): StepFailure => ({
  code: 'RT_DISK_FULL',
  message: `No space or no inodes are left on the file system of ${directory}.`,
  remedy: "Free some space, or move rt's data with --root.",
})

const REASONS: Readonly<Record<string, string>> = {
  overlay: 'an overlay cannot be the writable side of another',
  nfs: 'a network file system has no whiteouts',
  cifs: 'a network file system has no whiteouts',
  '9p': 'a network file system has no whiteouts',
  vfat: 'it has no extended attributes',
  squashfs: 'it is read-only',
}

/** Why overlayfs cannot write to a file system of this type; undefined: nothing is known against it. */
export const unfitReason = (fileSystem: string): string | undefined => REASONS[fileSystem]

const unfitBecause = (fileSystem: string): string =>
  unfitReason(fileSystem) ??
  'it lacks extended attributes (trusted.*), d_type or whiteouts, or the kernel is older than 4.19'
