import { fstatSync, openSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { RtError } from '@rt/driver-api'
import { isTerminal } from '@rt/native'

/** An archive has bytes that drive a terminal, and names in it are of the container's choice. @throws RtError RT_USAGE */
export const refuseTerminal = (remedy: string): void => {
  if (isTerminal(1)) throw new RtError('RT_USAGE', 'The archive would go to a terminal', { remedy, exitCode: 1 })
}

/** Of a file. @throws RtError RT_USAGE */
export const openArchive = (file: string, remedy: string): number => {
  try {
    const fd = openSync(file, 'r')
    if (fstatSync(fd).isDirectory()) throw new Error('it is a directory')
    return fd
  } catch (error) {
    throw new RtError('RT_USAGE', `The archive ${file} cannot be read: ${(error as Error).message}`, {
      remedy,
      cause: error,
      exitCode: 1,
    })
  }
}

/** Node's own stdin stream is fine here: this process becomes nobody's container. @throws RtError RT_USAGE */
export const standardInput = (usage: string): Readable => {
  if (fstatSync(0).isCharacterDevice() && isTerminal(0))
    throw new RtError('RT_USAGE', `${usage} reads an archive from standard input, which is a terminal`, {
      remedy: 'Pipe it in.',
      exitCode: 1,
    })
  return process.stdin
}
