import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { RtError } from '@rt/driver-api'

/** The file of `--cidfile`. */
export interface CidFile {
  write(id: string): void
  /** For a container that did not come to be. */
  remove(): void
}

/**
 * Made before anything else is, so that two containers never share one.
 *
 * @throws RtError RT_USAGE where it is there already, or cannot be made
 */
export const makeCidFile = (path: string): CidFile => {
  const fd = openNew(path)
  return {
    write: (id) => {
      writeSync(fd, id)
      closeSync(fd)
    },
    remove: () => rmSync(path, { force: true }),
  }
}

const openNew = (path: string): number => {
  try {
    return openSync(path, 'wx', 0o644)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EEXIST')
      throw new RtError('RT_USAGE', `--cidfile ${path} is there already: it names another container`, {
        remedy: `Make sure that the container in it is not needed, and remove the file: rm ${path}`,
        cause: error,
      })
    throw new RtError('RT_USAGE', `--cidfile ${path} cannot be made: ${message}`, {
      remedy: 'Name a file in a directory that exists.',
      cause: error,
    })
  }
}
