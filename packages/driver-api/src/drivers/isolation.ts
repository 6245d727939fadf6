import type { OciProcess, OciResources, OciSpec } from '../oci.ts'
import type { Probe } from '../probe.ts'
import type { HostStep } from '../steps/host.ts'
import type { SandboxStep } from '../steps/sandbox.ts'
import type { ContainerIdentity, DriverClass } from './context.ts'
import type { NetworkPlan } from './network.ts'

/** One container whose first process is wanted. */
/** What a mount of the spec wants beyond the specification's words, which have no place for it. */
export interface MountExtra {
  readonly destination: string
  /** What the container's root has at the destination is first copied into the source: see the step `inside.fill`. */
  readonly fill?: { readonly lock: string; readonly marker: string; readonly once: string }
  /** The source is a path below this directory of the host, and links in it must not lead out of it. */
  readonly beneath?: string
  /** Flags such as `ro` hold for the mount itself and not for those below it. */
  readonly shallow?: boolean
}

export interface LaunchRequest {
  readonly container: ContainerIdentity
  /** What to run and how, in the OCI runtime-spec's own words, so that a driver may hand it to crun, runc or runsc. */
  readonly spec: OciSpec
  /** The storage plan's mounts: they come first in `sandbox`. */
  readonly rootMounts: readonly SandboxStep[]
  /** Where the root is mounted inside the container's mount namespace: an empty directory of the host. */
  readonly rootMountPoint: string
  /** Sources of bind mounts that will be files by the time of the start, but are not written yet. */
  readonly futureFiles: readonly string[]
  /** Of mounts of the spec; most containers have none. */
  readonly mountExtras?: readonly MountExtra[]
  /** Whether the host's lxcfs is shown in place of /proc/meminfo and the like; undefined: as the driver is configured. */
  readonly lxcfs?: 'auto' | 'on' | 'off'
  /** Whether the network plan brings a namespace of its own. */
  readonly network: NetworkPlan['namespace']
  /** The user's program is not to be the first process but its only child: `process.init`. */
  readonly init?: boolean
}

/** How a container's first process becomes the user's program. */
export interface LaunchPlan {
  /** Host steps before the start, the last of all: directories, network and storage are there. Undone in reverse when one fails. */
  readonly enter: readonly HostStep[]
  /** Executed in order inside the new namespaces by the shim, as the container's first process; the last one is `process.exec`. */
  readonly sandbox: readonly SandboxStep[]
  /** As a network plan's `leave`: performed when the container has ended, perhaps twice, perhaps without the driver. */
  readonly leave: readonly HostStep[]
}

/**
 * The control groups of one container. Planned apart from `launch`, because it needs nothing but the container's identity and
 * joining one may wait for the kernel (on v2 an RCU grace period, 5-19 ms): it is done while the rest is still being planned.
 */
export interface CgroupPlan {
  /** Makes the directories and sets their rules: performed before any process joins. */
  readonly enter: readonly HostStep[]
  /** The directories, one per hierarchy, that the container's first process joins before it enters its namespaces. */
  readonly directories: readonly string[]
  /** Removes every directory that `enter` makes; idempotent, on disk before the first step of `enter`. */
  readonly leave: readonly HostStep[]
  /** A file with a line `oom_kill NUMBER`: above 0, the kernel killed a process for want of memory. Read before `leave`. */
  readonly oomEvents?: string
  /** What this host cannot do of what nobody asked for by name; one sentence each, told to the user. */
  readonly warnings?: readonly string[]
}

/** What the kernel counted for a container so far. A figure that this host does not count is left out. */
export interface ResourceUsage {
  readonly cpuNanoseconds?: number
  /** Without page cache that can be given back, as Docker shows it. */
  readonly memoryBytes?: number
  /** undefined: no limit but the machine's. */
  readonly memoryLimitBytes?: number
  readonly pids?: number
  readonly pidsLimit?: number
  readonly blockReadBytes?: number
  readonly blockWriteBytes?: number
}

/** A further program in a running container. */
export interface EnterRequest {
  readonly container: Pick<ContainerIdentity, 'id'>
  /** Of the container; the driver takes from it what all its programs have in common. */
  readonly spec: OciSpec
  /** Final: environment, user, working directory and capabilities of this program. */
  readonly process: OciProcess
}

/** How a further program comes to run in a running container. */
export interface EnterPlan {
  /** Directories of the cgroups that the program joins first. */
  readonly cgroups: readonly string[]
  /** Executed by the shim after it has entered all of the container's namespaces; the last one is `process.exec`. */
  readonly sandbox: readonly SandboxStep[]
}

/** What an isolation driver can do. Each but the last is true where the driver's class does not say otherwise. */
export interface IsolationCapabilities {
  /** It filters system calls where the spec asks for it (`linux.seccomp`). */
  readonly seccomp: boolean
  /** It leaves the container only the capabilities that the spec names. */
  readonly capabilities: boolean
  /** It knows `init`: a first process that reaps and forwards signals (`--init`). */
  readonly init: boolean
  /** It looks up `process.user.additionalGroups`. undefined: it does not, and `--group-add` takes numbers only. */
  readonly groupNames?: boolean
}

export const ISOLATION_CAPABILITIES: IsolationCapabilities = { seccomp: true, capabilities: true, init: true }

/**
 * How a container is kept apart from the host and from others.
 *
 * All methods are called as root, in the host's namespaces; what they may throw and how long they may take is as for network drivers. What is
 * missing of the optional ones is refused as RT_DRIVER_LACKS when a user asks for it.
 */
export interface IsolationDriver {
  /** Can this host do it? Called by `rt doctor` and `rt drivers verify`; must not change anything. */
  probe(): Promise<Probe>
  /**
   * Called before `launch`, and first of all drivers. A driver that leaves control groups to another program has no such method.
   *
   * @throws RtError RT_LIMIT_* for limits that this host does not know
   */
  cgroups?(container: Pick<ContainerIdentity, 'id'> & { readonly resources?: OciResources }): Promise<CgroupPlan>
  /** Puts a running container under these limits, which are all that it is to have. @throws RtError RT_LIMIT_* for what this host or the container's present use forbids */
  update?(container: Pick<ContainerIdentity, 'id'>, resources: OciResources): Promise<readonly HostStep[]>
  /** For `pause` and `unpause`: stops every process of a running container where it is, or lets them go on. */
  freeze?(container: Pick<ContainerIdentity, 'id'>, frozen: boolean): Promise<readonly HostStep[]>
  /** Whether it is frozen: the kernel knows, no file of rt's does. Asked by every `ps`: it has to be quick. */
  isFrozen?(container: Pick<ContainerIdentity, 'id'>): boolean
  /** For `stats`. */
  usage?(container: Pick<ContainerIdentity, 'id'>): Promise<ResourceUsage>
  /** For `top`: every process of a running container, by the host's pids. */
  processes?(container: Pick<ContainerIdentity, 'id'>): readonly number[]
  /** For `exec`: answers how a further program joins a running container; changes nothing. */
  enter?(request: EnterRequest): Promise<EnterPlan>
  /** Called for every start: answers with the steps that turn the container's first process into the user's program; changes nothing. */
  launch(request: LaunchRequest): Promise<LaunchPlan>
}

/** The default export of an isolation driver's package. */
export type IsolationDriverClass = DriverClass<IsolationDriver, IsolationCapabilities>
