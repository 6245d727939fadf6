import type {
  CgroupPlan,
  ContainerIdentity,
  HostStep,
  LaunchPlan,
  NetnsStep,
  OciSpec,
  PublishedPort,
  StoragePlan,
} from '@rt/driver-api'
import type { Image } from '@rt/images'
import { type JoinedNamespace, performLeave } from '@rt/native'
import type { Drivers } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import { HOST_FILES, hostFileSteps, ownHosts } from '../names/host-files.ts'
import { namedNetworks } from '../names/networks.ts'
import { type NamesPlan, planNames } from '../names/plan.ts'
import { type JoinedPlan, type JoinInput, joinNetworks } from '../networks/join.ts'
import type { ResolvedNetwork } from '../networks/resolved.ts'
import type { RunRequest } from '../request.ts'
import type { HostFile } from '../spec/host-file.ts'
import { buildSpec, type CallerEnv, thermalThrottlePaths } from '../spec/index.ts'
import type { MountPoint } from '../store/mount-point.ts'
import { askedResources } from './groups.ts'
import { plannedMounts } from './mounts.ts'

/** Everything that a start will do, before any of it is done. */
export interface ContainerPlan {
  readonly identity: ContainerIdentity
  readonly spec: OciSpec
  /** Of user and image. */
  readonly mounts: readonly MountPoint[]
  readonly cgroups: CgroupPlan
  /** Of all its networks. */
  readonly network: JoinedPlan
  readonly storage: StoragePlan
  readonly launch: LaunchPlan
  /** How others find it by name, and it them. */
  readonly names: NamesPlan
  /** Host and netns steps in the order in which they are performed; the cgroup's come first and are in `cgroups`. */
  readonly enter: readonly (HostStep | NetnsStep)[]
  /** Namespaces of another container, where it runs by now. */
  readonly joined?: readonly JoinedNamespace[]
}

/** What is kept of it beside the container: the words for a step that fails, and all that `explain` tells of it later. */
export interface PerformedPlan {
  readonly name: string
  readonly sandbox: LaunchPlan['sandbox']
  /** The cgroup's first. */
  readonly enter: readonly (HostStep | NetnsStep)[]
  readonly leave: readonly HostStep[]
  /** The cgroup directories that it joins. */
  readonly directories: readonly string[]
  readonly namespace: JoinedPlan['namespace']
  /** Whose network namespace it joins. */
  readonly process?: JoinedPlan['process']
  /** Of the user and the image. */
  readonly mounts?: readonly MountPoint[]
  /** Made with its first process; undefined: all that are. */
  readonly newNamespaces?: readonly NewNamespace[]
  /** Whose pid namespace it joins. */
  readonly joinedPid?: number
}

const NEW_NAMESPACES = ['pid', 'mount', 'uts', 'ipc'] as const
export type NewNamespace = (typeof NEW_NAMESPACES)[number]

/** Those that are made with its first process; it makes or joins the others itself. */
export const newNamespaces = ({ spec }: Pick<ContainerPlan, 'spec'>): readonly NewNamespace[] =>
  NEW_NAMESPACES.filter((name) => spec.linux.namespaces.some(({ type }) => type === name))

/** @param settled steps of the network that were performed before the rest was planned */
export const performedPlan = (plan: ContainerPlan, settled: PerformedPlan['enter'] = []): PerformedPlan => ({
  name: plan.identity.name,
  sandbox: plan.launch.sandbox,
  enter: [...plan.cgroups.enter, ...settled, ...plan.enter],
  leave: leaveOf(plan),
  directories: plan.cgroups.directories,
  namespace: plan.network.namespace,
  ...(plan.network.process && { process: plan.network.process }),
  ...(plan.mounts.length > 0 && { mounts: plan.mounts }),
  newNamespaces: newNamespaces(plan),
  ...(plan.joined?.[0] && { joinedPid: plan.joined[0].pid }),
})

export interface PlanInput {
  readonly drivers: Omit<Drivers, 'network'>
  readonly networks: readonly ResolvedNetwork[]
  /** Of the host, which hold them already. */
  readonly ports?: readonly PublishedPort[]
  readonly layout: Layout
  readonly identity: ContainerIdentity
  readonly cgroups: CgroupPlan
  readonly request: RunRequest
  readonly mounts: readonly MountPoint[]
  readonly image: Image
  /** Its directory holds what earlier starts wrote. */
  readonly resume?: boolean
  /** Performs the network's steps before all others, where only then the drivers know what comes of them. */
  readonly settle?: (input: JoinInput, plan: JoinedPlan) => Promise<JoinedPlan>
  /** What `-e NAME` takes its value from; this process's own where undefined. */
  readonly env?: CallerEnv
}

/** What outlives the container's namespaces and goes when it ends, in reverse order of its making. */
export const leaveOf = (plan: Omit<ContainerPlan, 'identity' | 'spec' | 'mounts' | 'enter'>): HostStep[] => [
  // First: with its lease its address is somebody else's.
  ...plan.names.leave,
  ...plan.launch.leave,
  ...plan.network.leave,
  ...plan.storage.leave,
  ...plan.cgroups.leave,
]

const limitedStorage = async (
  { layout, identity, request, resume = false }: PlanInput,
  plan: StoragePlan,
): Promise<StoragePlan> => {
  if (request.storageSize === undefined) return plan
  const { withQuota } = await import('./quota.ts')
  return withQuota(plan, {
    container: identity.id,
    directory: layout.container(identity.id),
    size: request.storageSize,
    resume,
    present: layout.root,
  })
}

/** Asks the drivers. May take a lease, which goes back where planning fails; changes nothing else. */
export const planContainer = async (input: PlanInput): Promise<ContainerPlan> => {
  const { drivers, layout, identity, request, image } = input
  const directory = layout.container(identity.id)
  const prepared = await drivers.storage.prepare({
    container: identity,
    layers: image.layers,
    directory,
    rootMountPoint: layout.rootMountPoint,
    ...(input.resume && { resume: true }),
    ...(request.autoRemove && { ephemeral: true }),
  })
  const storage = await limitedStorage(input, prepared)
  const { networks, ports = [] } = input
  const join: JoinInput = { container: identity, dns: request.dns, networks, ports }
  const network = await joinNetworks(join)
  try {
    const late = networks.some(({ driver }) => driver.attached)
    return await planAround(input, storage, (late && (await input.settle?.(join, network))) || network)
  } catch (error) {
    // What cannot be given back now is found by the driver's gc; the first error is the one to tell.
    performLeave(network.leave)
    throw error
  }
}

const planAround = async (
  { drivers, layout, identity, cgroups, request, mounts, image, env = process.env }: PlanInput,
  storage: StoragePlan,
  network: JoinedPlan,
): Promise<ContainerPlan> => {
  const { names, files, fileSteps } = await planFiles(layout, identity, request, network)
  const planned = await plannedMounts(layout, identity.id, mounts)
  const spec = buildSpec({
    identity,
    image: image.config.config ?? {},
    flags: request.spec,
    network: network.namespace,
    rootMountPoint: layout.rootMountPoint,
    mounts: planned.mounts,
    files,
    asked: await askedResources(request.spec),
    env,
    maskedPaths: thermalThrottlePaths(),
  })
  const launched = await drivers.isolation.launch({
    container: identity,
    spec,
    rootMounts: storage.mounts,
    rootMountPoint: layout.rootMountPoint,
    ...(planned.extras.length > 0 && { mountExtras: planned.extras }),
    futureFiles: files.map(({ source }) => source),
    ...(request.lxcfs !== undefined && { lxcfs: request.lxcfs }),
    network: network.namespace,
    ...(request.init && { init: true }),
  })
  const launch = request.spec.pid === undefined ? launched : await withKill(launched, cgroups)
  const enter: (HostStep | NetnsStep)[] = [
    ...planned.enter,
    ...fileSteps,
    ...storage.enter,
    ...network.enter,
    ...launch.enter,
  ]
  return { identity, spec, mounts, cgroups, network, storage, launch, names, enter }
}

const withKill = async (launch: LaunchPlan, cgroups: CgroupPlan): Promise<LaunchPlan> => {
  const { killSteps } = await import('./shared-pid.ts')
  return { ...launch, leave: [...killSteps(cgroups), ...launch.leave] }
}

/** Where /etc/hosts, hostname and resolv.conf come from. */
const planFiles = async (
  layout: Layout,
  identity: ContainerIdentity,
  request: RunRequest,
  network: JoinedPlan,
): Promise<{ names: NamesPlan; files: readonly HostFile[]; fileSteps: readonly HostStep[] }> => {
  if (network.joined) {
    const { joinedFiles } = await import('../networks/container-mode.ts')
    const { names, files, links } = joinedFiles(layout, identity.id, network.joined)
    return { names, files, fileSteps: links }
  }
  const directory = layout.container(identity.id)
  const names = planNames({
    layout,
    identity,
    request,
    networks: network.namespace === 'new' ? namedNetworks(network.connected) : [],
    own: () => ownHosts(identity, request, network),
  })
  const files = HOST_FILES.map((name) => ({
    ...(name === 'hosts' ? names.file : { source: `${directory}/${name}` }),
    destination: `/etc/${name}`,
  }))
  return { names, files, fileSteps: [...names.enter, ...hostFileSteps(directory, identity, request, network)] }
}
