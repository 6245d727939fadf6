import { parseTimestamp } from '../../filters/times.ts'

/** One line of Docker's json-file format. A line of the program that is longer than 16 KiB is several, and only the last ends in a newline. */
export interface LogEntry {
  readonly log: string
  readonly stream: 'stdout' | 'stderr'
  /** RFC 3339 with up to nine digits behind the second, UTC. */
  readonly time: string
}

/** undefined: a line that a crash left half of. */
export const parseEntry = (line: string): LogEntry | undefined => {
  try {
    const { log, stream, time } = JSON.parse(line) as Partial<Record<keyof LogEntry, unknown>>
    if (typeof log !== 'string' || typeof time !== 'string') return undefined
    return { log, stream: stream === 'stderr' ? 'stderr' : 'stdout', time }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Nanoseconds since the epoch. */
export const entryTime = ({ time }: LogEntry): bigint => parseTimestamp(time) ?? 0n
