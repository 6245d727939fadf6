import { relative } from 'node:path'
import type { MountExtra, MountFlag, OciDevice, OciMount, SandboxStep, StepFailure } from '@rt/driver-api'
import type { CgroupLayout } from '../cgroups/layout.ts'
import { cgroupMounts, type JoinedHierarchy } from './cgroup-mounts.ts'
import { askedNodes, deviceNodes } from './dev.ts'
import { type LxcfsView, lxcfsProcSteps, lxcfsSysSteps } from './lxcfs.ts'
import { parseMountOptions } from './options.ts'
import { bindText, MOUNT_TEXTS, SHARED_PROC, tmpfsText } from './texts.ts'

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
  readonly extras: readonly MountExtra[]
  /** Its pid namespace is the host's or another container's. */
  readonly sharesPid: boolean
}

/** The steps for the OCI spec's mounts, in its order, and for what belongs into some of them right after each. */
export function mountSteps(mounts: readonly OciMount[], host: MountHost): SandboxStep[] {
  return mounts.flatMap((mount) => {
    if (mount.type === 'cgroup') {
      return host.cgroups === 'v2'
        ? [fileSystemStep({ ...mount, source: 'cgroup2' }, 'cgroup2')]
        : cgroupMounts(mount, host.joined)
    }
    if (isBind(mount)) return bindSteps(mount, mounts, host)
    const step = fileSystemStep(mount, mount.type)
    const told = mount.type === 'proc' && host.sharesPid ? { ...step, ...SHARED_PROC } : step
    return [told, ...contents(mount, host)]
  })
}

/** To come before the tree is cut off from the host's. */
export const keepSteps = (mounts: readonly OciMount[]): SandboxStep[] =>
  connected(mounts).map(({ source, destination }, kept) => ({
    where: 'sandbox',
    op: 'mount.keep',
    source,
    kept,
    why: `Mounts that come and go below ${source} on the host are to be seen at ${destination}, too, so its mount is taken before it is cut off.`,
    see: 'mount_namespaces(7)',
    failure: bindFailures(source, destination),
  }))

const isBind = ({ options }: OciMount): boolean => parseMountOptions(options).flags.includes('bind')

const connected = (mounts: readonly OciMount[]): readonly OciMount[] =>
  mounts.filter(({ options }) => parseMountOptions(options).propagation !== undefined)

/** Only for file systems of the container's own: what the user put at the same place stays as it is. */
function contents({ destination, type }: OciMount, { lxcfs, devices }: MountHost): SandboxStep[] {
  if (destination === '/dev' && type === 'tmpfs') return [...deviceNodes(devices), ...askedNodes(devices)]
  if (lxcfs === undefined) return []
  if (destination === '/proc' && type === 'proc') return lxcfsProcSteps(lxcfs)
  return destination === '/sys' && type === 'sysfs' ? lxcfsSysSteps(lxcfs) : []
}

function fileSystemStep(mount: OciMount, type: string): SandboxStep {
  const { flags, data } = parseMountOptions(mount.options)
  const failure: Record<string, StepFailure> = {
    ...placeFailures(mount.destination),
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
    flags,
    ...(data !== undefined && { data }),
    create: 'dir',
    ...(MOUNT_TEXTS[mount.destination] ?? tmpfsText(mount.destination)),
    failure,
  }
}

/** Flags such as `ro` hold for file systems below the source, too, as in Docker: mount_setattr(2) with AT_RECURSIVE. */
function bindSteps(mount: OciMount, mounts: readonly OciMount[], host: MountHost): SandboxStep[] {
  const { source: whole, destination } = mount
  const { flags: asked, propagation } = parseMountOptions(mount.options)
  const flags = host.nodev && !asked.includes('nodev') ? [...asked, 'nodev' as const] : asked
  const { beneath, fill, shallow } = host.extras.find((extra) => extra.destination === destination) ?? {}
  const kept = propagation ? connected(mounts).indexOf(mount) : undefined
  const steps: SandboxStep[] = []
  if (fill) steps.push(fillStep(whole, destination, fill))
  steps.push({
    where: 'sandbox',
    op: 'mount',
    source: beneath === undefined ? whole : relative(beneath, whole),
    target: destination,
    inside: true,
    flags: shallow ? flags.filter((flag) => flag !== 'ro') : flags,
    create: host.isDirectory(whole) ? 'dir' : 'file',
    ...(beneath !== undefined && { beneath }),
    ...(kept !== undefined && { kept }),
    ...(MOUNT_TEXTS[destination] ?? bindText(whole, destination)),
    failure: bindFailures(whole, destination, beneath),
  })
  if (shallow && flags.includes('ro')) {
    steps.push(
      again(
        destination,
        ['remount', 'bind', 'ro'],
        `Only ${destination} itself is read-only, not what is mounted below it.`,
        'mount(8), ro',
      ),
    )
  }
  if (propagation) {
    steps.push(
      again(
        destination,
        propagation,
        `From here on ${destination} shares what is mounted and unmounted below it with the host, as was asked for.`,
        'mount_namespaces(7)',
      ),
    )
  }
  return steps
}

const again = (target: string, flags: readonly MountFlag[], why: string, see: string): SandboxStep => ({
  where: 'sandbox',
  op: 'mount',
  source: 'none',
  target,
  inside: true,
  flags,
  why,
  see,
})

function fillStep(into: string, path: string, files: NonNullable<MountExtra['fill']>): SandboxStep {
  const full: StepFailure = {
    code: 'RT_DISK_FULL',
    message: `No space or no inodes are left for a copy of what the image has at ${path} in ${into}.`,
    remedy: 'Free some space, or mount the volume with nocopy.',
  }
  return {
    where: 'sandbox',
    op: 'inside.fill',
    path,
    into,
    ...files,
    why: `A new volume begins with what the image has at ${path}, owners and modes with it.`,
    failure: { ENOSPC: full, EDQUOT: full },
  }
}

const bindFailures = (source: string, destination: string, beneath?: string): Record<string, StepFailure> => ({
  ...placeFailures(destination),
  ENOENT:
    beneath === undefined
      ? {
          code: 'RT_USAGE',
          message: `${source} cannot be mounted at ${destination}, because it is not on the host.`,
          remedy: 'Give the path of a file or directory that exists.',
        }
      : {
          code: 'RT_MOUNT_SOURCE',
          message: `${relative(beneath, source)} cannot be mounted at ${destination}, because it is not in the volume.`,
          remedy: 'Make it in the volume first, or leave out volume-subpath.',
        },
  ENOTDIR: {
    code: 'RT_USAGE',
    message: `${source} cannot be mounted at ${destination}: one of them is a file and the other a directory.`,
    remedy: 'Mount a file on a file, and a directory on a directory.',
  },
})

/** Of a place to mount at that has to be made first. */
const placeFailures = (destination: string): Record<string, StepFailure> => {
  const failure: StepFailure = {
    code: 'RT_USAGE',
    message: `Nothing can be mounted at ${destination}: it is not there, and cannot be made in the file system there.`,
    remedy: 'Mount it somewhere else, or on what is there already.',
  }
  // Elsewhere it is mount(2) itself that may not be used.
  return { EROFS: failure, ...(/^\/sys\/(?!fs\/cgroup)/.test(destination) && { EPERM: failure }) }
}
