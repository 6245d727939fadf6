import type { RegistrySettings } from '@rt/images'
import { AXES, type Axis, DEFAULTS, DRIVERS, isAxis } from './keys.ts'

/** One value and where it came from, as `rt config` shows it. */
export interface Setting {
  readonly value: unknown
  /** `default`, a file's path, an environment variable's name or `--flag`. */
  readonly source: string
}

/** Settings by dotted key: `network`, `network.bridge.subnet`. A later layer wins key by key. */
export type Layer = ReadonlyMap<string, Setting>

export class Config {
  readonly #settings = new Map<string, Setting>()

  constructor(layers: readonly Layer[]) {
    for (const [key, value] of Object.entries(DEFAULTS)) this.#settings.set(key, { value, source: 'default' })
    for (const layer of layers) for (const [key, setting] of layer) this.#settings.set(key, setting)
  }

  entries(): [key: string, setting: Setting][] {
    return [...this.#settings].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  get root(): string {
    return String(this.#settings.get('root')?.value)
  }

  get runRoot(): string {
    return String(this.#settings.get('run-root')?.value)
  }

  driver(axis: Axis): Setting & { readonly value: string } {
    const setting = this.#settings.get(axis) ?? { value: DEFAULTS[axis], source: 'default' }
    return { value: String(setting.value), source: setting.source }
  }

  /** By host. */
  registries(): Record<string, RegistrySettings> {
    const prefix = 'registries.'
    const found: Record<string, RegistrySettings> = {}
    for (const [key, { value }] of this.#settings)
      if (key.startsWith(prefix)) found[key.slice(prefix.length)] = value as RegistrySettings
    return found
  }

  /** Where the driver of that name lies, by the section `drivers`; undefined: it is found by itself. */
  driverFolder(axis: Axis, name: string): string | undefined {
    const setting = this.#settings.get(`${DRIVERS}.${axis}.${name}`)
    return setting && String(setting.value)
  }

  driverFolders(): { readonly axis: Axis; readonly name: string }[] {
    return [...this.#settings.keys()].flatMap((key) => {
      const [section, axis = '', name = ''] = key.split('.')
      return section === DRIVERS && isAxis(axis) ? [{ axis, name }] : []
    })
  }

  /** One option of a driver as it is configured; undefined: it is not. */
  option(axis: Axis, driver: string, option: string): Setting | undefined {
    return this.#settings.get(`${axis}.${driver}.${option}`)
  }

  /** The options of one driver: everything below `<axis>.<driver>.`. */
  options(axis: Axis, driver: string): Record<string, unknown> {
    const prefix = `${axis}.${driver}.`
    const found: Record<string, unknown> = {}
    for (const [key, { value }] of this.#settings) if (key.startsWith(prefix)) found[key.slice(prefix.length)] = value
    return found
  }
}

export const axes = Object.keys(AXES) as Axis[]
