import { didYouMean, RtError } from '@rt/driver-api'
import type { Layer, Setting } from './config.ts'
import { parseDrivers } from './drivers.ts'
import { AXES, type Axis, DEFAULTS, DRIVERS, isAxis } from './keys.ts'
import { parseRegistries, REGISTRIES } from './registries.ts'

const isSection = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A config file's content as a layer. `network: none` names a driver; `network: { driver: bridge, bridge: { subnet: ... } }`
 * also gives it options. Whether an option is known is for its driver to say.
 *
 * @param drivers the names of those that rt brings
 * @param later is told of sections of others: whether there is such a driver is known when all of the config has been read
 * @throws RtError RT_CONFIG_INVALID for an unknown key, naming the nearest known one
 */
export const fileLayer = (
  content: unknown,
  source: string,
  drivers: (axis: string) => readonly string[],
  later: (section: DriverSection) => void = unknownSection,
): Layer => {
  const layer = new Map<string, Setting>()
  if (content === null || content === undefined) return layer
  if (!isSection(content)) throw new RtError('RT_CONFIG_INVALID', `${source} does not hold keys and values`)
  for (const [key, value] of Object.entries(content)) {
    if (isAxis(key) && isSection(value)) addAxis(layer, key, value, source, drivers(key), later)
    else if (key === REGISTRIES)
      for (const [host, settings] of parseRegistries(value, source))
        layer.set(`${REGISTRIES}.${host}`, { value: settings, source })
    else if (key === DRIVERS)
      for (const [name, folder] of parseDrivers(value, source))
        layer.set(`${DRIVERS}.${name}`, { value: folder, source })
    else if (Object.hasOwn(DEFAULTS, key)) layer.set(key, { value: text(key, value, source), source })
    else
      throw new RtError(
        'RT_CONFIG_INVALID',
        `${source}: unknown key "${key}".${didYouMean(key, [...Object.keys(DEFAULTS), REGISTRIES, DRIVERS])}`,
      )
  }
  return layer
}

const text = (key: string, value: unknown, source: string): string => {
  if (typeof value === 'string' && value !== '') return value
  throw new RtError('RT_CONFIG_INVALID', `${source}: "${key}" must be a text, not ${JSON.stringify(value)}`)
}

/** A section of a file that would be a driver's options, `network.macvlan`. */
export interface DriverSection {
  readonly axis: Axis
  readonly name: string
  readonly source: string
  /** Names that are known, for a suggestion. */
  readonly drivers: readonly string[]
}

/** @throws RtError RT_CONFIG_INVALID */
export const unknownSection = ({ axis, name, source, drivers }: DriverSection): never => {
  const guess = didYouMean(name, ['driver', ...drivers])
  throw new RtError('RT_CONFIG_INVALID', `${source}: unknown key "${axis}.${name}".${guess}`)
}

const addAxis = (
  layer: Map<string, Setting>,
  axis: Axis,
  section: Record<string, unknown>,
  source: string,
  drivers: readonly string[],
  later: (section: DriverSection) => void,
): void => {
  for (const [key, value] of Object.entries(section)) {
    if (key === 'driver') {
      layer.set(axis, { value: text(`${axis}.driver`, value, source), source })
      continue
    }
    // Options are a section: what holds a text is a misspelt key, whoever's driver might be called so.
    if (!drivers.includes(key)) (isSection(value) ? later : unknownSection)({ axis, name: key, source, drivers })
    if (!isSection(value))
      throw new RtError(
        'RT_CONFIG_INVALID',
        `${source}: "${axis}.${key}" must hold the driver's options as keys and values`,
      )
    for (const [option, setting] of Object.entries(value))
      layer.set(`${axis}.${key}.${option}`, { value: setting, source })
  }
}

const scalar = (value: string): unknown => {
  if (value === 'true') return true
  if (value === 'false') return false
  return /^\d+$/.test(value) ? Number(value) : value
}

/** `RT_ROOT`, `RT_NETWORK`, `RT_NETWORK_BRIDGE_SUBNET`, ...; empty ones count as unset, others named RT_* are not ours. */
export const environmentLayer = (env: NodeJS.ProcessEnv): Layer => {
  const layer = new Map<string, Setting>()
  for (const key of Object.keys(DEFAULTS)) {
    const name = `RT_${key.toUpperCase().replace('-', '_')}`
    const value = env[name]
    if (value) layer.set(key, { value, source: name })
  }
  const option = new RegExp(`^RT_(${Object.keys(AXES).join('|').toUpperCase()})_([A-Z0-9]+)_([A-Z0-9_]+)$`)
  for (const [name, value] of Object.entries(env)) {
    const match = name.startsWith('RT_') && value ? option.exec(name) : null
    if (!match) continue
    const [, axis = '', driver = '', key = ''] = match
    layer.set(`${axis}.${driver}.${key}`.toLowerCase(), { value: scalar(value ?? ''), source: name })
  }
  return layer
}

/** Values given on the command line; undefined ones were not given. */
export const flagLayer = (flags: Readonly<Record<string, string | undefined>>): Layer => {
  const layer = new Map<string, Setting>()
  for (const [key, value] of Object.entries(flags))
    if (value !== undefined) layer.set(key, { value, source: `--${key}` })
  return layer
}
