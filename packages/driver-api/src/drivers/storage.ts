import type { Probe } from '../probe.ts'
import type { HostStep } from '../steps/host.ts'
import type { SandboxStep } from '../steps/sandbox.ts'
import type { ContainerIdentity, DriverClass } from './context.ts'

/** One container whose root file system is wanted. */
export interface StorageRequest {
  readonly container: ContainerIdentity
  /**
   * Unpacked layers of the image, topmost first; absolute host paths that are never written to. In overlay's form: a whiteout is a character
   * device 0/0, an opaque directory has the xattr trusted.overlay.opaque.
   */
  readonly layers: readonly [string, ...string[]]
  /** A directory that is the container's own: it is there, mode 0700, and is removed with the container, with all that the driver put into it. */
  readonly directory: string
  /** Where the plan's last mount puts the root: an empty directory of the host, seen by the container's mount namespace. */
  readonly rootMountPoint: string
  /** The directory holds what earlier starts of the same container wrote; it must be found again as it was left. */
  readonly resume?: boolean
  /** Whatever it writes goes when it ends (`--rm`): nothing of it has to survive a crash of the machine. */
  readonly ephemeral?: boolean
}

/** Where a container's files lie on the host, running or not. At least one of `upper` and `root`. */
export interface StorageView {
  /** Only what the container changed, in overlay's form: a whiteout is a character device 0/0, an opaque directory has trusted.overlay.opaque. */
  readonly upper?: string
  /** overlay's work directory for `upper`: with it, what is written into the merged view of a stopped container goes to `upper`. */
  readonly work?: string
  /** The complete tree. */
  readonly root?: string
}

/** How one container comes by its root file system. */
export interface StoragePlan {
  /** Performed on the host, in order, before the container's mounts. When one fails, what was made is undone in reverse. */
  readonly enter: readonly HostStep[]
  /**
   * Made by the shim inside the container's own mount namespace, so that they end with it: `mount` steps with host paths (`inside: false`). The
   * last one mounts `rootMountPoint`.
   */
  readonly mounts: readonly SandboxStep[]
  /**
   * Performed when the container has ended, and by the next rt after a crash: perhaps twice, perhaps without the driver. `directory` itself is
   * removed by the runtime, when the container is; what is to be found again by the next start stays.
   */
  readonly leave: readonly HostStep[]
}

/** What a storage driver can do. Each is true where the driver's class does not say otherwise. */
export interface StorageCapabilities {
  /** What a container wrote is found again by its next start (`rt start`, a restart policy). */
  readonly keeps: boolean
  /** It shows a stopped container's files (`view`): without them there is no `rt cp`, `diff`, `commit` and `export` of one. */
  readonly view: boolean
}

export const STORAGE_CAPABILITIES: StorageCapabilities = { keeps: true, view: true }

/**
 * Where containers' root file systems come from.
 *
 * All methods are called as root, in the host's namespaces, and change nothing; what they may throw and how long they may take is as for
 * network drivers.
 */
export interface StorageDriver {
  /** Can this host do it? Called by `rt doctor` and `rt drivers verify`; changes nothing. It tells by `context.root`, where the data will lie. */
  probe(): Promise<Probe>
  /**
   * Called for every start, concurrently for different containers: answers how the root comes to be. May look at `request.directory`.
   *
   * @throws RtError RT_STORAGE_* for what this host or file system cannot do
   */
  prepare(request: StorageRequest): Promise<StoragePlan>
  /** For `cp`, `diff`, `commit`, `export` and sizes, of a container that was prepared at least once. Changes nothing. */
  view?(request: Pick<StorageRequest, 'layers' | 'directory'>): Promise<StorageView>
}

/** The default export of a storage driver's package. */
export type StorageDriverClass = DriverClass<StorageDriver, StorageCapabilities>
