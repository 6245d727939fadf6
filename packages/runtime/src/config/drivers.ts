import { dirname, resolve } from 'node:path'
import { didYouMean, isDriverName } from '@rt/driver-api'
import { AXES, DRIVERS, isAxis } from './keys.ts'
import { fields, invalid, wrong } from './section.ts'

/**
 * Where the section `drivers` says that drivers lie, by `AXIS.NAME`; paths are relative to the config file.
 *
 * @throws RtError RT_CONFIG_INVALID
 */
export const parseDrivers = (section: unknown, source: string): Map<string, string> => {
  const found = new Map<string, string>()
  for (const [axis, folders] of Object.entries(fields(section, DRIVERS, source))) {
    if (!isAxis(axis))
      throw invalid(`${source}: unknown key "${DRIVERS}.${axis}".${didYouMean(axis, Object.keys(AXES))}`)
    for (const [name, folder] of Object.entries(fields(folders, `${DRIVERS}.${axis}`, source))) {
      const key = `${DRIVERS}.${axis}.${name}`
      if (!isDriverName(name)) throw invalid(`${source}: "${key}" is not the name of a driver`)
      if (typeof folder !== 'string' || folder === '') throw wrong(source, key, "the path of a driver's folder")
      found.set(`${axis}.${name}`, resolve(dirname(source), folder))
    }
  }
  return found
}
