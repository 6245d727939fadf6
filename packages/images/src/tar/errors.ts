import { RtError } from '@rt/driver-api'

/** Errors of archives. An entry's name is shown as JSON text: it may hold escape sequences that would drive the reader's terminal. */
export const corrupt = (message: string, cause?: unknown): RtError =>
  new RtError('RT_ARCHIVE_CORRUPT', message, cause === undefined ? {} : { cause })

export const hostile = (entry: string, reason: string, cause?: unknown): RtError =>
  new RtError(
    'RT_ARCHIVE_HOSTILE',
    `The archive's entry ${shown(entry)} is refused: ${reason}.`,
    cause === undefined ? {} : { cause },
  )

const LONGEST = 120

/** A byte string (latin1) as people may read it. */
export const shown = (name: string): string => {
  const text = Buffer.from(name, 'latin1').toString('utf8')
  return JSON.stringify(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
}
