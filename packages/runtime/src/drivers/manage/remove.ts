import { renameSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { checkpoint } from '../../checkpoint.ts'
import { KINDS } from '../foreign/check.ts'
import { driversDirectory } from '../installed.ts'
import type { DriverModule } from '../registry.ts'
import { makeStaging } from './staging.ts'

/**
 * Takes a driver away that `add` has installed. What containers of it have yet to clean up is on disk as steps, which need no driver.
 *
 * @param users names of containers and networks that have it
 * @throws RtError RT_DRIVER_IN_USE, RT_DRIVER_UNKNOWN for one that is not `add`'s
 */
export const removeDriver = (root: string, module: DriverModule, users: readonly string[], force: boolean): void => {
  const { installed, name } = module
  if (installed?.origin !== 'added') throw notAdded(module)
  if (users.length > 0 && !force)
    throw new RtError(
      'RT_DRIVER_IN_USE',
      `The ${KINDS[installed.kind]} driver "${name}" is used by ${users.join(', ')}.`,
    )
  const path = `${driversDirectory(root, installed.kind)}/${name}`
  const staging = makeStaging(root)
  try {
    // At once: whoever is killed meanwhile leaves no half of a driver.
    renameSync(path, staging.folder)
    checkpoint()
  } finally {
    staging.release()
  }
}

const notAdded = ({ axis, name, installed }: DriverModule): RtError => {
  const [why, remedy] =
    installed === undefined
      ? ['is a part of rt', 'Choose another one in the config: `rt config` shows where each is chosen.']
      : installed.origin === 'config'
        ? ['is where the config says', `Remove drivers.${axis}.${name} from the config.`]
        : [`lies beside rt in ${installed.folder}`, 'Remove it with the program that put it there, such as npm.']
  return new RtError('RT_DRIVER_UNKNOWN', `The ${axis} driver "${name}" was not added by rt: it ${why}.`, {
    remedy,
    exitCode: 1,
  })
}
