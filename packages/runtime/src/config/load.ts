import { readFileSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { Config, type Layer } from './config.ts'
import { environmentLayer, fileLayer, flagLayer } from './layers.ts'

export interface ConfigSources {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** `--network`, `--storage`, `--isolation`, `--root`, `--run-root` as far as they were given. */
  readonly flags: Readonly<Record<string, string | undefined>>
  /** Names of the installed drivers of an axis: which sections a file may have. */
  readonly drivers: (axis: string) => readonly string[]
}

/** In order of precedence, the last one wins: the machine's, the user's, the directory's. */
const files = ({ env, cwd }: ConfigSources): string[] => {
  const home = env.XDG_CONFIG_HOME || (env.HOME ? `${env.HOME}/.config` : undefined)
  return ['/etc/rt/config.yaml', ...(home ? [`${home}/rt/config.yaml`] : []), `${cwd}/rt.yaml`]
}

const readLayer = async (path: string, sources: ConfigSources): Promise<Layer | undefined> => {
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
  return fileLayer(content, path, sources.drivers)
}

/** Reads every config source. @throws RtError RT_CONFIG_INVALID */
export const loadConfig = async (sources: ConfigSources): Promise<Config> => {
  const layers: Layer[] = []
  for (const path of files(sources)) {
    const layer = await readLayer(path, sources)
    if (layer) layers.push(layer)
  }
  return new Config([...layers, environmentLayer(sources.env), flagLayer(sources.flags)])
}
