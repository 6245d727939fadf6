import type { ContainerId } from './identity.ts'
import type { OciProcess, OciResources, OciSpec } from './oci.ts'
import type { Probe } from './probe.ts'
import type { HostStep, NetnsStep } from './steps/host.ts'
import type { SandboxStep } from './steps/sandbox.ts'

export type DriverKind = 'net' | 'storage' | 'isolation'

/** Given to every driver under the token DRIVER_CONTEXT. */
export interface DriverContext {
  /** Data that outlives a reboot, `/var/lib/rt` by default. A driver keeps its own below `<root>/<kind>/<name>`. */
  readonly root: string
  /** State of this boot, `/run/rt` by default. */
  readonly runRoot: string
  /** The section of the user's config that names this driver, e.g. `network.bridge`; validated by the driver. */
  readonly options: Readonly<Record<string, unknown>>
}

/** Who a plan is for. */
export interface ContainerIdentity {
  readonly id: ContainerId
  readonly name: string
  readonly hostname: string
}

// ---- network -------------------------------------------------------------------------------------------------

/** One address range of a network. */
export interface NetworkSubnet {
  /** CIDR without host bits, IPv4 or IPv6. */
  readonly subnet: string
  /** The host's own address in it; undefined in what a user asks for: the driver chooses. */
  readonly gateway?: string
  /** CIDR within `subnet`: containers get addresses of this part only. */
  readonly ipRange?: string
}

/** A network as the user asks for it (`rt network create`). */
export interface NetworkWish {
  readonly name: string
  /** 64 hexadecimal digits, as a container's. */
  readonly id: string
  /** Empty: the driver chooses. */
  readonly subnets: readonly NetworkSubnet[]
  /** No way out of it and none in. */
  readonly internal: boolean
  readonly ipv6: boolean
  /** `--opt KEY=VALUE`; keys are the driver's own. */
  readonly options: Readonly<Record<string, string>>
}

/** A network that is there: nothing of it is open any more. Kept by the runtime and given back to the driver as it was. */
export interface NetworkDefinition extends NetworkWish {
  readonly subnets: readonly (NetworkSubnet & { readonly gateway: string })[]
}

/** A port of the host that leads to one of the container's. The runtime holds the host's port for as long as the container lives. */
export interface PublishedPort {
  readonly protocol: 'tcp' | 'udp'
  /** Of the host: `0.0.0.0` and `::` are all of a family. */
  readonly hostAddress: string
  readonly hostPort: number
  readonly containerPort: number
}

export interface NetworkRequest {
  readonly container: ContainerIdentity
  /** Nameservers that the user gave (`--dns`), in order; empty: the driver decides. */
  readonly dns: readonly string[]
  /** undefined: the driver's own network, which needs no definition. */
  readonly network?: NetworkDefinition
  /** The name inside; `eth0` where undefined. */
  readonly interface?: string
  /** Whether it is the container's way out (default route, published ports): exactly one of its networks is. undefined: it is. */
  readonly primary?: boolean
  /** Asked for by the user: without prefix length. */
  readonly ip?: string
  readonly ip6?: string
  readonly mac?: string
  readonly ports?: readonly PublishedPort[]
}

/** What the container's `inspect` shows of its network. */
export interface NetworkAttachment {
  readonly driver: string
  readonly interfaces: readonly NetworkInterface[]
  /** Text for the container's resolv.conf; undefined: the host's, as it is. */
  readonly resolvConf?: string
}

export interface NetworkInterface {
  readonly name: string
  readonly mac: string
  readonly mtu: number
  /** With prefix length, `172.16.0.2/16`. */
  readonly addresses: readonly string[]
  readonly gateway?: string
  readonly gateway6?: string
}

export interface NetworkPlan {
  /** `new`: an anonymous namespace that lives as long as the container; `host`: the host's own; `join`: the one of `process`. */
  readonly namespace: 'new' | 'host' | 'join'
  /** Its start time (clock ticks after boot) tells it from a later one of the same number. undefined with `join`: there is none now, and no start. */
  readonly process?: { readonly pid: number; readonly startTime: string }
  /** Performed in order before the container starts. */
  readonly enter: readonly (HostStep | NetnsStep)[]
  /** Idempotent clean-up of what outlives the container's namespaces; on disk before the first `enter` step runs. */
  readonly leave: readonly HostStep[]
  /** Takes the interface out of a namespace that lives on (`rt network disconnect`); `leave` comes after it. Without it there is no disconnecting. */
  readonly disconnect?: readonly (HostStep | NetnsStep)[]
  readonly attachment: NetworkAttachment
}

export interface NetworkDriver {
  /**
   * What every plan of this driver's will say, where it is always the same. The runtime then makes a new namespace while it still asks
   * the driver, which saves a start that time; undefined: it waits for the plan.
   */
  readonly namespace?: NetworkPlan['namespace']
  /** Where a published port listens that was given no address, as the driver is configured; undefined: on all addresses. */
  readonly publishAddress?: string | undefined
  /** Whether the driver's own network has IPv6: only then are ports held for it at `::`, too. */
  readonly ipv6?: boolean
  /** Can this host do it? Called by `rt doctor`; must not change anything. */
  probe(): Promise<Probe>
  /**
   * Called for every start, concurrently for different containers. May reserve a lease (which names the container, so
   * that `gc` can tell whose it was); must not change anything else: it answers with steps.
   */
  setup(request: NetworkRequest): Promise<NetworkPlan>
  /**
   * For `network create`, under the store's lock: checks what the user asks for against the host and the driver's `others`, and chooses
   * what was left open. Changes nothing: a network comes into being with its first container. A driver without it has only its own network.
   *
   * @throws RtError RT_NET_*, RT_DRIVER_OPTION
   */
  define?(wish: NetworkWish, others: readonly NetworkDefinition[]): Promise<NetworkDefinition>
  /** For `network rm`: takes away all that `network` has on the host. Called only when no container is connected; idempotent. */
  remove?(network: NetworkDefinition): Promise<readonly HostStep[]>
  /** Puts back what somebody flushed, of the driver's own network and of `networks`, published ports as well. */
  reload?(networks: readonly NetworkDefinition[]): Promise<readonly HostStep[]>
  /** Frees what belongs to no container of `live`: called after a crash that may have hidden a lease from its `leave`. */
  gc?(live: ReadonlySet<ContainerId>): Promise<readonly HostStep[]>
  /** Removes what all containers shared and puts the host back as it was found. Called only when no container lives. */
  reset?(networks: readonly NetworkDefinition[]): Promise<readonly HostStep[]>
}

// ---- storage -------------------------------------------------------------------------------------------------

export interface StorageRequest {
  readonly container: ContainerIdentity
  /** Unpacked layers of the image, topmost first; absolute host paths that are never written to. */
  readonly layers: readonly [string, ...string[]]
  /** A directory that is the container's own and is removed with it. */
  readonly directory: string
  /** Where the plan's last mount puts the root: an empty directory of the host, seen by the container's mount namespace. */
  readonly rootMountPoint: string
  /** The directory holds what earlier starts of the same container wrote; it must be found again as it was left. */
  readonly resume?: boolean
}

/** Where a container's files lie on the host, running or not. At least one of the two. */
export interface StorageView {
  /** Only what the container changed, in overlay's form: a whiteout is a character device 0/0, an opaque directory has trusted.overlay.opaque. */
  readonly upper?: string
  /** overlay's work directory for `upper`: with it, what is written into the merged view of a stopped container goes to `upper`. */
  readonly work?: string
  /** The complete tree. */
  readonly root?: string
}

export interface StoragePlan {
  /** Performed on the host, in order, before the container's mounts. */
  readonly enter: readonly HostStep[]
  /** Made inside the container's own mount namespace, so that they end with it. The last one mounts `rootMountPoint`. */
  readonly mounts: readonly SandboxStep[]
  /** Idempotent; `directory` itself is removed by the runtime. */
  readonly leave: readonly HostStep[]
}

export interface StorageDriver {
  probe(): Promise<Probe>
  prepare(request: StorageRequest): Promise<StoragePlan>
  /** For `diff`, `commit`, `export` and sizes. Changes nothing. */
  view?(request: Pick<StorageRequest, 'layers' | 'directory'>): Promise<StorageView>
}

// ---- isolation -----------------------------------------------------------------------------------------------

export interface LaunchRequest {
  readonly container: ContainerIdentity
  /** What to run and how, in the OCI runtime-spec's own words, so that a driver may hand it to crun, runc or runsc. */
  readonly spec: OciSpec
  /** The storage plan's mounts. */
  readonly rootMounts: readonly SandboxStep[]
  /** Where the root is mounted inside the container's mount namespace: an empty directory of the host. */
  readonly rootMountPoint: string
  /** Sources of bind mounts that will be files by the time of the start, but are not written yet. */
  readonly futureFiles: readonly string[]
  /** Whether the host's lxcfs is shown in place of /proc/meminfo and the like; undefined: as the driver is configured. */
  readonly lxcfs?: 'auto' | 'on' | 'off'
  /** Whether the network plan brings a namespace of its own. */
  readonly network: NetworkPlan['namespace']
  /** The user's program is not to be the first process but its only child: `process.init`. */
  readonly init?: boolean
}

export interface LaunchPlan {
  /** Host steps before the start. */
  readonly enter: readonly HostStep[]
  /** Executed in order inside the new namespaces by the shim; the last one is `process.exec`. */
  readonly sandbox: readonly SandboxStep[]
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

export interface EnterPlan {
  /** Directories of the cgroups that the program joins first. */
  readonly cgroups: readonly string[]
  /** Executed by the shim after it has entered all of the container's namespaces; the last one is `process.exec`. */
  readonly sandbox: readonly SandboxStep[]
}

export interface IsolationDriver {
  /** Can this host do it? Called by `rt doctor`; must not change anything. */
  probe(): Promise<Probe>
  /** Called before `launch`, and first of all drivers. A driver that leaves control groups to another program has no such method. */
  cgroups?(container: Pick<ContainerIdentity, 'id'> & { readonly resources?: OciResources }): Promise<CgroupPlan>
  /** Puts a running container under these limits, which are all that it is to have. @throws RtError RT_LIMIT_* for what this host or the container's present use forbids */
  update?(container: Pick<ContainerIdentity, 'id'>, resources: OciResources): Promise<readonly HostStep[]>
  /** Stops every process of a running container where it is, or lets them go on. */
  freeze?(container: Pick<ContainerIdentity, 'id'>, frozen: boolean): Promise<readonly HostStep[]>
  /** Whether it is frozen: the kernel knows, no file of rt's does. */
  isFrozen?(container: Pick<ContainerIdentity, 'id'>): boolean
  usage?(container: Pick<ContainerIdentity, 'id'>): Promise<ResourceUsage>
  /** Every process of a running container, by the host's pids. */
  processes?(container: Pick<ContainerIdentity, 'id'>): readonly number[]
  /** For `exec`. */
  enter?(request: EnterRequest): Promise<EnterPlan>
  /** Answers with the steps that turn the container's first process into the user's program; changes nothing. */
  launch(request: LaunchRequest): Promise<LaunchPlan>
}
