import 'reflect-metadata'
import {
  DRIVER_CONTEXT,
  type DriverContext,
  didYouMean,
  ISOLATION_DRIVER,
  type IsolationDriver,
  NETWORK_DRIVER,
  type NetworkDriver,
  RtError,
  STORAGE_DRIVER,
  type StorageDriver,
} from '@rt/driver-api'
import { container, inject, injectable } from 'tsyringe'
import type { Config } from '../config/config.ts'
import type { Axis } from '../config/keys.ts'
import { CONFIG, DRIVER_MODULES } from '../tokens.ts'

export interface Drivers {
  readonly isolation: IsolationDriver
  readonly storage: StorageDriver
  readonly network: NetworkDriver
}

/** An installed driver: what it is called and how to get its class, which is not loaded before it is needed. */
export interface DriverModule<A extends Axis = Axis> {
  readonly axis: A
  readonly name: string
  /** The package it comes from, as `rt drivers ls` shows it. */
  readonly package: string
  readonly load: () => Promise<{ readonly default: new (context: DriverContext) => Drivers[A] }>
}

const TOKENS = { isolation: ISOLATION_DRIVER, storage: STORAGE_DRIVER, network: NETWORK_DRIVER } as const

/** Resolves drivers by axis and name. Each lives in a child container of its own, which holds that driver's context. */
@injectable()
export class DriverRegistry {
  readonly #config: Config
  readonly #modules: readonly DriverModule[]
  /** One of each: what a driver has read of the host it reads once. */
  readonly #made = new Map<string, Drivers[Axis]>()

  constructor(@inject(CONFIG) config: Config, @inject(DRIVER_MODULES) modules: readonly DriverModule[]) {
    this.#config = config
    this.#modules = modules
  }

  list(): readonly DriverModule[] {
    return this.#modules
  }

  /** The driver of that axis which the config names. @throws RtError RT_DRIVER_UNKNOWN */
  configured<A extends Axis>(axis: A): Promise<Drivers[A]> {
    return this.resolve(axis, this.#config.driver(axis).value)
  }

  async resolve<A extends Axis>(axis: A, name: string): Promise<Drivers[A]> {
    const module = this.#modules.find((m) => m.axis === axis && m.name === name)
    if (!module) throw unknownDriver(axis, name, this.#modules)
    const key = `${axis}:${name}`
    const made = this.#made.get(key)
    if (made) return made as Drivers[A]
    const { default: Driver } = await module.load()
    const scope = container.createChildContainer()
    const context: DriverContext = {
      root: this.#config.root,
      runRoot: this.#config.runRoot,
      options: this.#config.options(axis, name),
    }
    scope.register(DRIVER_CONTEXT, { useValue: context })
    // A factory and not `useClass`: a third-party driver's class was decorated, if at all, by another copy of tsyringe.
    scope.register(TOKENS[axis], { useFactory: (c) => new Driver(c.resolve(DRIVER_CONTEXT)) })
    const driver = scope.resolve<Drivers[A]>(TOKENS[axis])
    this.#made.set(key, driver)
    return driver
  }
}

const unknownDriver = (axis: Axis, name: string, modules: readonly DriverModule[]): RtError => {
  const names = modules.filter((m) => m.axis === axis).map((m) => m.name)
  return new RtError('RT_DRIVER_UNKNOWN', `There is no ${axis} driver "${name}".${didYouMean(name, names)}`, {
    remedy: `Installed ${axis} drivers: ${names.join(', ')}.`,
  })
}
