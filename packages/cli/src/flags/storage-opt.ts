import { didYouMean, RtError } from '@rt/driver-api'
import { parseBytes, type RunRequest } from '@rt/runtime'

const REMEDY = 'Write --storage-opt size=10g.'

/** `--storage-opt size=SIZE`. @throws RtError RT_USAGE */
export const storageRequest = (options: readonly string[]): Pick<RunRequest, 'storageSize'> => {
  let size: number | undefined
  for (const option of options) {
    const at = option.indexOf('=')
    const key = at < 0 ? option : option.slice(0, at)
    if (key !== 'size')
      throw new RtError('RT_USAGE', `--storage-opt: there is no option "${key}".${didYouMean(key, ['size'])}`, {
        remedy: REMEDY,
      })
    size = at < 0 ? undefined : parseBytes(option.slice(at + 1))
    if (size === undefined || size < 1 || !Number.isSafeInteger(size))
      throw new RtError('RT_USAGE', `--storage-opt "${option}" is not a size above 0`, { remedy: REMEDY })
  }
  return size === undefined ? {} : { storageSize: size }
}
