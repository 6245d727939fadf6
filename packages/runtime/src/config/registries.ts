import { didYouMean } from '@rt/driver-api'
import type { RegistrySettings } from '@rt/images'
import { fields, invalid, wrong } from './section.ts'

/** The one section of a config file that is keyed by something of the user's: the hosts of registries. */
export const REGISTRIES = 'registries'

const KEYS = ['mirrors', 'insecure', 'ca']
const NAME = String.raw`(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]+)?`
const HOST = new RegExp(`^${NAME}$`)
/** Without a user: a password in it would be shown by `rt config`. */
const MIRROR = new RegExp(String.raw`^(?:https?://)?${NAME}(?:/[^\s?#]*)?$`)

/** The settings of every registry that a config file names. @throws RtError RT_CONFIG_INVALID */
export const parseRegistries = (section: unknown, source: string): Map<string, RegistrySettings> => {
  const found = new Map<string, RegistrySettings>()
  for (const [host, value] of Object.entries(fields(section, REGISTRIES, source))) {
    const key = `${REGISTRIES}.${host}`
    if (!HOST.test(host))
      throw invalid(`${source}: "${host}" is not the host of a registry, such as docker.io or host:5000`)
    const settings = fields(value, key, source)
    for (const name of Object.keys(settings))
      if (!KEYS.includes(name)) throw invalid(`${source}: unknown key "${key}.${name}".${didYouMean(name, KEYS)}`)
    const { mirrors, insecure, ca } = settings
    if (
      mirrors !== undefined &&
      !(Array.isArray(mirrors) && mirrors.every((mirror) => typeof mirror === 'string' && MIRROR.test(mirror)))
    )
      throw wrong(source, `${key}.mirrors`, 'a list of hosts or URLs, such as http://127.0.0.1:5000')
    if (insecure !== undefined && typeof insecure !== 'boolean') throw wrong(source, `${key}.insecure`, 'true or false')
    if (ca !== undefined && (typeof ca !== 'string' || !ca.startsWith('/')))
      throw wrong(source, `${key}.ca`, 'the absolute path of a file')
    found.set(host, settings as RegistrySettings)
  }
  return found
}
