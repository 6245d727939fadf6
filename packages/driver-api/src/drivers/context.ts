import type { ContainerId } from '../identity.ts'
import type { OptionsSchema } from '../options/declare.ts'

/** What a driver answers: how a container is connected, where its files lie, or how it is kept apart. */
export type DriverKind = 'net' | 'storage' | 'isolation'

/** Handed to the constructor of every driver. The same for all its calls; a command makes one instance of each driver that it needs. */
export interface DriverContext {
  /** Data that outlives a reboot, `/var/lib/rt` by default. A driver keeps its own below `<root>/<kind>/<name>`. */
  readonly root: string
  /** State of this boot, `/run/rt` by default. A driver keeps its own (leases, notes) below `<runRoot>/<kind>/<name>`. */
  readonly runRoot: string
  /**
   * The section of the user's config that names this driver, e.g. `network.bridge`: values of YAML, of the environment (always text) or of
   * flags, not yet checked. `declaredOptions` reads them by the driver's schema.
   */
  readonly options: Readonly<Record<string, unknown>>
}

/** Who a plan is for. */
export interface ContainerIdentity {
  /** Names the container in leases and markers: the only part that never changes. */
  readonly id: ContainerId
  /** The user's or a made-up one; `rt rename` may change it while the container lives. */
  readonly name: string
  readonly hostname: string
}

/**
 * The default export of a driver's package.
 *
 * rt calls the constructor once for each command that needs the driver, as root, in the host's namespaces. It reads its options and keeps the
 * context; it touches nothing. It may throw RT_DRIVER_OPTION; whatever else it throws becomes RT_DRIVER_BROKEN with the package's name.
 */
export interface DriverClass<Driver, Capabilities> {
  new (context: DriverContext): Driver
  /** The options of its section in the config: read by `declaredOptions`, shown by `rt drivers inspect`. undefined: it takes none. */
  readonly options?: OptionsSchema
  /** What it cannot do. What is not named it can: rt refuses what it cannot before anything is made, and the test kit leaves it out. */
  readonly capabilities?: Partial<Capabilities>
}
