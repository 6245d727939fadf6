import type { MountFlag, OciDevice, OciMount, SandboxStep, StepFailure } from '@rt/driver-api'
import type { CgroupLayout } from '../cgroups/layout.ts'
import { cgroupMounts, type JoinedHierarchy } from './cgroup-mounts.ts'
import { askedNodes, deviceNodes } from './dev.ts'
import { type LxcfsView, lxcfsProcSteps, lxcfsSysSteps } from './lxcfs.ts'
import { parseMountOptions } from './options.ts'
import { bindText, MOUNT_TEXTS, tmpfsText } from './texts.ts'

export interface MountHost {
  readonly cgroups: CgroupLayout['kind']
  /** v1 and mixed: the hierarchies that the container joins for its limits. */
  readonly joined: readonly JoinedHierarchy[]
  readonly devices: readonly OciDevice[]
  /** Nothing controls devices here: mounts of the host's directories get nodev instead. */
  readonly nodev: boolean
  /** What of the host's lxcfs is shown in place of the kernel's own files. */
  readonly lxcfs?: LxcfsView | undefined
  /** Whether a host path is a directory; one that is missing will have been made as one. */
  isDirectory(path: string): boolean
}

/** The steps for the OCI spec's mounts, in its order, and for what belongs into some of them right after each. */
export function mountSteps(mounts: readonly OciMount[], host: MountHost): SandboxStep[] {
  return mounts.flatMap((mount) => {
    if (mount.type === 'cgroup') {
      return host.cgroups === 'v2'
        ? [fileSystemStep({ ...mount, source: 'cgroup2' }, 'cgroup2')]
        : cgroupMounts(mount, host.joined)
    }
    const { flags } = parseMountOptions(mount.options)
    if (flags.includes('bind')) return bindStep(mount, flags, host)
    return [fileSystemStep(mount, mount.type), ...contents(mount, host)]
  })
}

/** Only for file systems of the container's own: what the user put at the same place stays as it is. */
function contents({ destination, type }: OciMount, { lxcfs, devices }: MountHost): SandboxStep[] {
  if (destination === '/dev' && type === 'tmpfs') return [...deviceNodes(), ...askedNodes(devices)]
  if (lxcfs === undefined) return []
  if (destination === '/proc' && type === 'proc') return lxcfsProcSteps(lxcfs)
  return destination === '/sys' && type === 'sysfs' ? lxcfsSysSteps(lxcfs) : []
}

function fileSystemStep(mount: OciMount, type: string): SandboxStep {
  const failure: Record<string, StepFailure> = {
    ENODEV: {
      code: 'RT_STEP_FAILED',
      message: `This kernel has no ${type} file system, so ${mount.destination} cannot be mounted.`,
      remedy: 'See `rt doctor`; boot a kernel that is built with it.',
    },
  }
  if (type === 'tmpfs') {
    failure.EINVAL = {
      code: 'RT_USAGE',
      message: `The kernel does not accept the options "${mount.options.join(',')}" for the tmpfs at ${mount.destination}.`,
      remedy: 'See tmpfs(5) for its options.',
    }
  }
  return {
    where: 'sandbox',
    op: 'mount',
    source: mount.source,
    target: mount.destination,
    inside: true,
    type,
    ...parseMountOptions(mount.options),
    create: 'dir',
    ...(MOUNT_TEXTS[mount.destination] ?? tmpfsText(mount.destination)),
    failure,
  }
}

/** Flags such as `ro` hold for file systems below the source, too, as in Docker: mount_setattr(2) with AT_RECURSIVE. */
function bindStep(mount: OciMount, flags: readonly MountFlag[], host: MountHost): SandboxStep {
  const { source, destination } = mount
  return {
    where: 'sandbox',
    op: 'mount',
    source,
    target: destination,
    inside: true,
    flags: host.nodev && !flags.includes('nodev') ? [...flags, 'nodev'] : flags,
    create: host.isDirectory(source) ? 'dir' : 'file',
    ...(MOUNT_TEXTS[destination] ?? bindText(source, destination)),
    failure: bindFailures(source, destination),
  }
}

const bindFailures = (source: string, destination: string): Record<string, StepFailure> => ({
  ENOENT: {
    code: 'RT_USAGE',
    message: `${source} cannot be mounted at ${destination}, because it is not on the host.`,
    remedy: 'Give the path of a file or directory that exists.',
  },
  ENOTDIR: {
    code: 'RT_USAGE',
    message: `${source} cannot be mounted at ${destination}: one of them is a file and the other a directory.`,
    remedy: 'Mount a file on a file, and a directory on a directory.',
  },
})
