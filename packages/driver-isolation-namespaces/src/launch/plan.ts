import type { LaunchRequest, SandboxStep } from '@rt/driver-api'
import type { CgroupLayout } from '../cgroups/layout.ts'
import type { JoinedHierarchy } from './cgroup-mounts.ts'
import { oomSteps, sysctlSteps } from './kernel-settings.ts'
import type { Nofile } from './limits.ts'
import type { LxcfsView } from './lxcfs.ts'
import { keepSteps, mountSteps } from './mounts.ts'
import { chdirStep, hostnameStep, processSteps, terminalStep } from './process.ts'
import { enterRoot, hideSteps, readonlyRoot, rootSteps } from './root.ts'

export interface LaunchSurroundings {
  readonly root: 'pivot' | 'chroot'
  readonly cgroups: CgroupLayout['kind']
  /** v1 and mixed: the hierarchies that the container has joined for its limits. */
  readonly joined?: readonly JoinedHierarchy[]
  /** Whether a control group decides which devices the container may open. */
  readonly devicesControlled: boolean
  /** struct sock_filter[] in base64; undefined: unconfined. */
  readonly filter?: string
  readonly nofile: Nofile
  readonly lxcfs?: LxcfsView | undefined
  isDirectory(path: string): boolean
}

/** Everything that the container's first process does, in order. Pure. */
export function sandboxSteps(request: LaunchRequest, host: LaunchSurroundings): SandboxStep[] {
  const { spec } = request
  const nodev = !host.devicesControlled
  // A node of the host's disk opens for whoever may make it, unless a control group forbids that.
  const keep = nodev ? spec.process.capabilities.filter((name) => name !== 'CAP_MKNOD') : spec.process.capabilities
  const steps = [...oomSteps(spec.process), ...keepSteps(spec.mounts), ...rootSteps(request, nodev)]
  // Only now: the namespace takes the cgroup that its maker is in as its root, and the container's has just been joined.
  if (spec.linux.namespaces.some(({ type }) => type === 'cgroup')) steps.push(cgroupNamespace())
  steps.push(
    ...mountSteps(spec.mounts, {
      cgroups: host.cgroups,
      joined: host.joined ?? [],
      devices: spec.linux.devices ?? [],
      nodev,
      lxcfs: host.lxcfs,
      extras: request.mountExtras ?? [],
      sharesPid: !spec.linux.namespaces.some(({ type }) => type === 'pid'),
      isDirectory: host.isDirectory,
    }),
    ...sysctlSteps(spec.linux.sysctl),
    ...hideSteps(spec.linux.maskedPaths, spec.linux.readonlyPaths),
  )
  if (spec.linux.namespaces.some(({ type }) => type === 'uts')) steps.push(hostnameStep(spec.hostname))
  steps.push(enterRoot(host.root), chdirStep(spec.process.cwd))
  if (spec.root.readonly) steps.push(readonlyRoot())
  if (spec.process.terminal) steps.push(terminalStep())
  steps.push(...processSteps(spec.process, { keep, nofile: host.nofile, filter: host.filter, init: request.init }))
  return steps
}

const cgroupNamespace = (): SandboxStep => ({
  where: 'sandbox',
  op: 'namespace.unshare',
  namespaces: ['cgroup'],
  why: "The container's control group becomes the top of what it sees, so that it does not learn the host's.",
  see: 'cgroup_namespaces(7)',
})
