import type { DriverClass, DriverKind } from '@rt/driver-api'

/** A driver that is to be tried, before any of it happens: what can be expected of it. */
export interface Subject<Driver = object, Capabilities = object> {
  readonly driver: Driver
  readonly capabilities: Capabilities
}

/** One promise of the contract, and how it is tried. Framework-free: the same are run by vitest and by `rt drivers verify`. */
export interface Check<Bench, S = Subject> {
  /** Completes "the driver ...". */
  readonly name: string
  /** Of the driver, optional in the contract: where it has none it is not said to break a promise, but that it does not offer this. */
  readonly method?: string
  /** Whether this driver has made the promise; undefined: every driver has. */
  readonly applies?: (subject: S) => boolean
  /** Throws where it is broken, with a sentence that says how. */
  run(bench: Bench): Promise<void> | void
}

/** What was found of one check. */
export interface Outcome {
  readonly name: string
  /** undefined: the driver kept the promise. */
  readonly problem?: string
}

/** How a driver is tried. */
export interface Trial {
  readonly kind: DriverKind
  /** The file of the module with the driver's class as its default export. */
  readonly module: string
  /** Its section of the config. */
  readonly options: Readonly<Record<string, unknown>>
  /** A shell script that prepares the throwaway host: an interface, a file system on a loop device. */
  readonly host?: string
  /** The names of the checks that are to be made; undefined: all that concern the driver. */
  readonly only?: readonly string[]
}

// biome-ignore lint/suspicious/noExplicitAny: of any kind
export type AnyDriverClass = DriverClass<any, any>

export const ensure = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new Error(otherwise)
}
