import 'reflect-metadata'
import {
  DRIVER_CONTEXT,
  type DriverClass,
  type DriverContext,
  type DriverKind,
  didYouMean,
  ISOLATION_CAPABILITIES,
  ISOLATION_DRIVER,
  type IsolationCapabilities,
  type IsolationDriver,
  isRtError,
  NETWORK_CAPABILITIES,
  NETWORK_DRIVER,
  type NetworkCapabilities,
  type NetworkDriver,
  RtError,
  STORAGE_CAPABILITIES,
  STORAGE_DRIVER,
  type StorageCapabilities,
  type StorageDriver,
} from '@rt/driver-api'
import { container, inject, injectable } from 'tsyringe'
import type { Config } from '../config/config.ts'
import { AXES, type Axis } from '../config/keys.ts'
import { CONFIG, DRIVER_MODULES } from '../tokens.ts'
import { findInstalled, type InstalledDriver, listInstalled, readPackage } from './installed.ts'

export interface Drivers {
  readonly isolation: IsolationDriver
  readonly storage: StorageDriver
  readonly network: NetworkDriver
}

export interface Capabilities {
  readonly isolation: IsolationCapabilities
  readonly storage: StorageCapabilities
  readonly network: NetworkCapabilities
}

/** An installed driver: what it is called and how to get its class, which is not loaded before it is needed. */
export interface DriverModule<A extends Axis = Axis> {
  readonly axis: A
  readonly name: string
  /** The package it comes from, as `rt drivers ls` shows it. */
  readonly package: string
  /** Where a third party's lies; undefined: rt brings it. */
  readonly installed?: InstalledDriver
  readonly load: () => Promise<{ readonly default: DriverClass<Drivers[A], Capabilities[A]> }>
}

const TOKENS = { isolation: ISOLATION_DRIVER, storage: STORAGE_DRIVER, network: NETWORK_DRIVER } as const
const CAPABILITIES: Capabilities = {
  isolation: ISOLATION_CAPABILITIES,
  storage: STORAGE_CAPABILITIES,
  network: NETWORK_CAPABILITIES,
}

/**
 * Resolves drivers by axis and name: those that the config names a folder for, those that rt brings, those that were added, those beside rt.
 * Each lives in a child container of its own, which holds that driver's context.
 */
@injectable()
export class DriverRegistry {
  readonly #config: Config
  readonly #modules: readonly DriverModule[]
  /** One of each: what a driver has read of the host it reads once. */
  readonly #made = new Map<string, { readonly driver: Drivers[Axis]; readonly capabilities: Capabilities[Axis] }>()

  constructor(@inject(CONFIG) config: Config, @inject(DRIVER_MODULES) modules: readonly DriverModule[]) {
    this.#config = config
    this.#modules = modules
  }

  /** Those that rt brings. */
  get builtin(): readonly DriverModule[] {
    return this.#modules
  }

  /** All of them; reads the disk for third parties' ones. */
  list(): readonly DriverModule[] {
    const configured = this.#config.driverFolders().map(({ axis, name }) => this.#configured(axis, name))
    const all = [
      ...configured.filter((module) => module !== undefined),
      ...this.#modules,
      ...listInstalled(this.#config.root, import.meta.dirname).map(foreignModule),
    ]
    return all.filter(({ axis, name }, at) => all.findIndex((m) => m.axis === axis && m.name === name) === at)
  }

  /** The driver of that name; where rt brings it, nothing is looked up. */
  find<A extends Axis>(axis: A, name: string): DriverModule<A> | undefined {
    const found =
      this.#configured(axis, name) ??
      this.#modules.find((m) => m.axis === axis && m.name === name) ??
      this.#installed(axis, name)
    return found as DriverModule<A> | undefined
  }

  /** The driver of that axis which the config names. @throws RtError RT_DRIVER_UNKNOWN */
  configured<A extends Axis>(axis: A): Promise<Drivers[A]> {
    return this.resolve(axis, this.#config.driver(axis).value)
  }

  /** @throws RtError RT_DRIVER_UNKNOWN, RT_DRIVER_OPTION, and RT_DRIVER_* for a third party's one that cannot be used */
  async resolve<A extends Axis>(axis: A, name: string): Promise<Drivers[A]> {
    return (await this.#make(axis, name)).driver as Drivers[A]
  }

  /** Errors: as `resolve`. */
  async capabilities<A extends Axis>(axis: A, name: string): Promise<Capabilities[A]> {
    return (await this.#make(axis, name)).capabilities as Capabilities[A]
  }

  /** Those of an axis that can be asked. One that cannot be loaded must not keep the others from being; who wants it by name is told. */
  async usable<A extends Axis>(axis: A): Promise<{ readonly name: string; readonly driver: Drivers[A] }[]> {
    const found: { name: string; driver: Drivers[A] }[] = []
    for (const module of this.list()) {
      if (module.axis !== axis) continue
      try {
        found.push({ name: module.name, driver: await this.resolve(axis, module.name) })
      } catch (error) {
        if (!isRtError(error) || !module.installed) throw error
      }
    }
    return found
  }

  /** What it is given when it is made. */
  context(axis: Axis, name: string): DriverContext {
    const { root, runRoot } = this.#config
    return { root, runRoot, options: this.#config.options(axis, name) }
  }

  async #make(axis: Axis, name: string) {
    const key = `${axis}:${name}`
    const made = this.#made.get(key)
    if (made) return made
    const module = this.find(axis, name)
    if (!module) throw unknownDriver(axis, name, this.list())
    const { default: Driver } = await module.load()
    const scope = container.createChildContainer()
    scope.register(DRIVER_CONTEXT, { useValue: this.context(axis, name) })
    // A factory and not `useClass`: a third-party driver's class was decorated, if at all, by another copy of tsyringe.
    scope.register(TOKENS[axis], { useFactory: (c) => new Driver(c.resolve(DRIVER_CONTEXT)) })
    const driver = scope.resolve<Drivers[Axis]>(TOKENS[axis])
    const entry = { driver, capabilities: this.capabilitiesOf(axis, Driver) }
    this.#made.set(key, entry)
    return entry
  }

  /** Those that the class declares, and for the rest those of every driver. */
  capabilitiesOf<A extends Axis>(axis: A, Driver: DriverClass<Drivers[A], Capabilities[A]>): Capabilities[A] {
    return { ...CAPABILITIES[axis], ...Driver.capabilities }
  }

  #configured(axis: Axis, name: string): DriverModule | undefined {
    const folder = this.#config.driverFolder(axis, name)
    return folder === undefined ? undefined : foreignModule({ kind: AXES[axis], name, folder, origin: 'config' })
  }

  #installed(axis: Axis, name: string): DriverModule | undefined {
    const found = findInstalled(this.#config.root, AXES[axis], name, import.meta.dirname)
    return found && foreignModule(found)
  }
}

const AXIS: Readonly<Record<DriverKind, Axis>> = { isolation: 'isolation', storage: 'storage', net: 'network' }

/** A third party's driver. Its package is not read before somebody asks for more than its name. */
export const foreignModule = (installed: InstalledDriver): DriverModule => ({
  axis: AXIS[installed.kind],
  name: installed.name,
  get package() {
    const found = readPackage(installed.folder)
    return typeof found === 'string' ? installed.folder : `${found.package}${found.version && `@${found.version}`}`
  },
  installed,
  load: async () => {
    const { loadForeign } = await import('./foreign/index.ts')
    return { default: (await loadForeign(installed)) as DriverClass<Drivers[Axis], Capabilities[Axis]> }
  },
})

const unknownDriver = (axis: Axis, name: string, modules: readonly DriverModule[]): RtError => {
  const names = modules.filter((m) => m.axis === axis).map((m) => m.name)
  return new RtError('RT_DRIVER_UNKNOWN', `There is no ${axis} driver "${name}".${didYouMean(name, names)}`, {
    remedy: `Installed ${axis} drivers: ${names.join(', ')}.`,
  })
}
