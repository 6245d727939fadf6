import { API_VERSION, RtError } from '@rt/driver-api'
import type { Config } from '../../config/config.ts'
import { readPackage } from '../installed.ts'
import type { DriverModule, DriverRegistry } from '../registry.ts'

export interface InspectedOption {
  readonly name: string
  readonly description: string
  readonly expected: string
  /** undefined: none; then `unset` says what happens. */
  readonly default?: unknown
  readonly unset?: string
  /** What the config gives, and where. */
  readonly value?: unknown
  readonly source?: string
}

export interface InspectedDriver {
  readonly axis: string
  readonly name: string
  readonly package: string
  readonly version?: string
  readonly apiVersion: number
  /** undefined: rt brings it. */
  readonly folder?: string
  readonly origin: string
  readonly options: readonly InspectedOption[]
  readonly capabilities: Readonly<Record<string, boolean>>
  /** Of its methods. */
  readonly methods: readonly string[]
}

/** Loads a driver and answers what it says of itself. Errors: as of `rt run`. */
export const inspectDriver = async (
  registry: DriverRegistry,
  config: Config,
  module: DriverModule,
): Promise<InspectedDriver> => {
  const { axis, name, installed } = module
  const { default: Driver } = await module.load()
  // One whose options are wrong can be looked at all the same: to see what they should be.
  const driver: object = new Driver({ ...registry.context(axis, name), options: {} })
  const found = installed && readPackage(installed.folder)
  return {
    axis,
    name,
    package: typeof found === 'object' ? found.package : module.package,
    ...(typeof found === 'object' && { version: found.version }),
    apiVersion: API_VERSION,
    ...(installed && { folder: installed.folder }),
    origin: installed?.origin ?? 'rt',
    options: Object.entries(Driver.options ?? {}).map(([option, { description, expected, default: value, unset }]) => ({
      name: option,
      description,
      expected,
      ...(value !== undefined && { default: value }),
      ...(unset !== undefined && { unset }),
      ...config.option(axis, name, option),
    })),
    capabilities: { ...registry.capabilitiesOf(axis, Driver) },
    methods: methodsOf(driver),
  }
}

const methodsOf = (driver: object): string[] => {
  const names = new Set([
    ...Object.getOwnPropertyNames(driver),
    ...Object.getOwnPropertyNames(Object.getPrototypeOf(driver)),
  ])
  return [...names].filter((name) => name !== 'constructor' && typeof Reflect.get(driver, name) === 'function').sort()
}

/** `macvlan`, `network/macvlan` or `net/macvlan`. @throws RtError RT_DRIVER_UNKNOWN, RT_USAGE where it is of several kinds */
export const chooseDriver = (registry: DriverRegistry, text: string): DriverModule => {
  const [name = '', kind] = text.split('/').reverse()
  const axis = kind === 'net' ? 'network' : kind
  const found = registry.list().filter((module) => module.name === name && (axis === undefined || module.axis === axis))
  const [first, ...others] = found
  if (first === undefined) throw new RtError('RT_DRIVER_UNKNOWN', `There is no driver "${text}".`, { exitCode: 1 })
  if (others.length > 0)
    throw new RtError('RT_USAGE', `There are several drivers "${text}".`, {
      remedy: `Say which: ${found.map((module) => `${module.axis}/${module.name}`).join(', ')}.`,
    })
  return first
}
