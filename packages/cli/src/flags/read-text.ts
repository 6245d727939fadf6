import { readFileSync } from 'node:fs'
import { RtError } from '@rt/driver-api'

/** A file that the user named. @throws RtError RT_USAGE where it cannot be read */
export const readText = (path: string, flag: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new RtError('RT_USAGE', `${flag} ${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}
