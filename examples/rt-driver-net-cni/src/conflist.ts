import { accessSync, constants, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RtError } from '@rt/driver-api'

/** One plugin's configuration; what else is in it is the plugin's own affair. */
export interface PluginConfig {
  readonly type: string
  readonly capabilities?: Readonly<Record<string, boolean>>
  readonly [key: string]: unknown
}

/** A network configuration list: github.com/containernetworking/cni, SPEC.md. */
export interface ConfigList {
  readonly cniVersion: string
  readonly name: string
  readonly disableCheck?: boolean
  readonly plugins: readonly PluginConfig[]
}

/** A list whose plugins are there. */
export interface Chain {
  readonly file: string
  readonly list: ConfigList
  /** The program of each plugin, in order. */
  readonly programs: readonly string[]
  /** `CNI_PATH`, where plugins look for the ones that they call themselves. */
  readonly path: string
}

export interface ChainWish {
  readonly conflist: string | undefined
  readonly directory: string
  readonly path: string
}

/** All that this driver reads of the host before a start. @throws RtError RT_CNI_CONFIG, RT_CNI_PLUGIN */
export const findChain = ({ conflist, directory, path }: ChainWish): Chain => {
  const file = conflist ?? firstOf(directory)
  const list = parseList(file, read(file))
  return { file, list, path, programs: list.plugins.map(({ type }) => programOf(type, path)) }
}

/** As other runtimes choose: by name. */
const firstOf = (directory: string): string => {
  const [name] = entries(directory)
    .filter((entry) => /\.(conflist|conf|json)$/.test(entry))
    .sort()
  if (name !== undefined) return join(directory, name)
  throw new RtError('RT_CNI_CONFIG', `There is no network configuration in ${directory}`, {
    remedy: 'Put one there, or name one: network.cni.conflist, or `rt network create -d cni --opt conflist=FILE NAME`.',
  })
}

/** @throws RtError RT_CNI_CONFIG with the reason */
export const parseList = (file: string, text: string): ConfigList => {
  const fail = (why: string): never => {
    throw new RtError('RT_CNI_CONFIG', `The network configuration ${file} ${why}`, {
      remedy: 'Its form is that of SPEC.md of CNI.',
    })
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return fail(`is no JSON: ${(error as Error).message}`)
  }
  if (typeof json !== 'object' || json === null) return fail('is no object')
  const { plugins, ...rest } = json as Record<string, unknown>
  const { cniVersion, name, type } = rest
  // A single plugin's configuration is a list of one.
  const list = plugins ?? (typeof type === 'string' ? [rest] : undefined)
  if (typeof name !== 'string' || !/^[A-Za-z0-9][\w.-]*$/.test(name)) return fail('has no name, or one that is none')
  if (typeof cniVersion !== 'string') return fail('has no cniVersion')
  if (!/^(0\.[34]|1\.\d+)\.\d+$/.test(cniVersion))
    return fail(`is of version ${cniVersion}; this driver knows 0.3.0 to 1.x`)
  if (!Array.isArray(list) || list.length === 0) return fail('has no plugins')
  const wrong = list.findIndex(
    (plugin: unknown) => !/^[\w.-]+$/.test(String((plugin as { type?: unknown } | null)?.type ?? '')),
  )
  if (wrong !== -1) return fail(`has a plugin without a type: the ${wrong + 1}. one`)
  return { ...(plugins === undefined ? {} : rest), cniVersion, name, plugins: list as PluginConfig[] }
}

const programOf = (type: string, path: string): string => {
  const found = path
    .split(':')
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => join(directory, type))
    .find(isExecutable)
  if (found !== undefined) return found
  throw new RtError('RT_CNI_PLUGIN', `The CNI plugin ${type} is not in ${path}`, {
    remedy: 'Install it (apt-get install containernetworking-plugins), or say where it lies: network.cni.path.',
  })
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

const entries = (directory: string): string[] => {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new RtError(
      'RT_CNI_CONFIG',
      `The network configuration ${file} cannot be read: ${(error as Error).message}`,
      {
        remedy: 'Name another one: network.cni.conflist.',
        cause: error,
      },
    )
  }
}

const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')
