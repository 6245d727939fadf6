import { RtError } from '@rt/driver-api'
import { errorCode } from '@rt/native'

/** The store's words for a write that found no room; every other error as it is. */
export const diskFull = (error: unknown, what = 'the archive of the layer'): unknown => {
  const code = errorCode(error)
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  return new RtError('RT_DISK_FULL', `The image store is full: no room for ${what}.`, { cause: error })
}
