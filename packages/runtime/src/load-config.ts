import { readFileSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { Config, type Layer } from './config/config.ts'
import { AXES } from './config/keys.ts'
import { type DriverSection, environmentLayer, fileLayer, flagLayer, unknownSection } from './config/layers.ts'
import { findInstalled } from './drivers/installed.ts'

export interface ConfigSources {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** `--network`, `--storage`, `--isolation`, `--root`, `--run-root` as far as they were given. */
  readonly flags: Readonly<Record<string, string | undefined>>
  /** Names of the drivers of an axis that rt brings. */
  readonly drivers: (axis: string) => readonly string[]
}

/** In order of precedence, the last one wins: the machine's, the user's, the directory's. */
const files = ({ env, cwd }: ConfigSources): string[] => {
  const home = env.XDG_CONFIG_HOME || (env.HOME ? `${env.HOME}/.config` : undefined)
  return ['/etc/rt/config.yaml', ...(home ? [`${home}/rt/config.yaml`] : []), `${cwd}/rt.yaml`]
}

const readLayer = async (
  path: string,
  sources: ConfigSources,
  later: (section: DriverSection) => void,
): Promise<Layer | undefined> => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new RtError('RT_CONFIG_INVALID', `${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
  // Most starts have no config file, and the parser is larger than all the rest of a start.
  const { parse } = await import('yaml')
  let content: unknown
  try {
    content = parse(text)
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n')
    throw new RtError('RT_CONFIG_INVALID', `${path} is not valid YAML: ${reason}`, { cause: error })
  }
  return fileLayer(content, path, sources.drivers, later)
}

/** Where it would lie depends on the root, which a later layer may give. */
const isInstalled = (config: Config, { axis, name }: DriverSection): boolean =>
  config.driverFolder(axis, name) !== undefined ||
  findInstalled(config.root, AXES[axis], name, import.meta.dirname) !== undefined

/** Node makes directories there for ever: the kernel says of each that its parent is missing. */
const refuseKernelFiles = (place: string): void => {
  if (/^\/(proc|sys)(\/|$)/.test(place))
    throw new RtError(
      'RT_CONFIG_INVALID',
      `${place} is no place for rt's data: it has only files of the kernel's own.`,
      {
        remedy: 'Name another one with --root, --run-root, RT_ROOT or in the config.',
      },
    )
}

/** Reads every config source. @throws RtError RT_CONFIG_INVALID */
export const loadConfig = async (sources: ConfigSources): Promise<Config> => {
  const layers: Layer[] = []
  const sections: DriverSection[] = []
  for (const path of files(sources)) {
    const layer = await readLayer(path, sources, (section) => sections.push(section))
    if (layer) layers.push(layer)
  }
  const config = new Config([...layers, environmentLayer(sources.env), flagLayer(sources.flags)])
  for (const place of [config.root, config.runRoot]) refuseKernelFiles(place)
  for (const section of sections) if (!isInstalled(config, section)) unknownSection(section)
  return config
}
