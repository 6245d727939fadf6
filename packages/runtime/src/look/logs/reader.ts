import { RotatedFiles } from '../rotated.ts'
import { entryTime, type LogEntry, parseEntry } from './entry.ts'

export interface LogRange {
  /** Only the last so many lines of the program; undefined: all. */
  readonly tail?: number
  /** Nanoseconds since the epoch, both inclusive. */
  readonly since?: bigint
  readonly until?: bigint
}

/** Reads a container's log, over all its files, from where a range begins to where it ends. */
export class LogReader {
  readonly #files: RotatedFiles
  readonly #range: LogRange
  #passed = false

  constructor(path: string, range: LogRange) {
    this.#files = new RotatedFiles(path)
    this.#range = range
    const { since, tail } = range
    if (since !== undefined) this.#skipUntouchedSince(since)
    if (tail !== undefined) this.#seekTail(tail)
  }

  /** True once an entry beyond `until` has been seen. */
  get passed(): boolean {
    return this.#passed
  }

  /** The entries of the next block, which may be none; undefined: there is nothing more, or nothing more yet. */
  read(): LogEntry[] | undefined {
    if (this.#passed) return undefined
    const lines = this.#files.read()
    return lines && this.#within(lines)
  }

  #within(lines: readonly string[]): LogEntry[] {
    const { since, until } = this.#range
    const entries = lines.flatMap((line) => parseEntry(line) ?? [])
    if (since === undefined && until === undefined) return entries
    return entries.filter((entry) => {
      const time = entryTime(entry)
      if (until !== undefined && time > until) this.#passed = true
      return !this.#passed && (since === undefined || time >= since)
    })
  }

  /** A file that was last written to before `since` need not be read. */
  #skipUntouchedSince(since: bigint): void {
    const newestFirst = this.#files.newestFirst
    const older = newestFirst.findIndex((file) => file.modified < since)
    const oldestWanted = older < 0 ? undefined : newestFirst[older - 1]
    if (oldestWanted) this.#files.dropBefore(oldestWanted)
  }

  /** Reads from the end backwards only as far as needed: a log may be large. */
  #seekTail(lines: number): void {
    const count = new LineCount()
    const { until } = this.#range
    for (const file of this.#files.newestFirst) {
      let start: number | undefined
      for (const { at, line } of file.backward()) {
        const entry = parseEntry(line)
        if (!entry || (until !== undefined && entryTime(entry) > until)) continue
        if (count.add(entry) > lines) {
          file.seek(start ?? at + Buffer.byteLength(line) + 1)
          this.#files.dropBefore(file)
          return
        }
        start = at
      }
    }
  }

  close(): void {
    this.#files.close()
  }
}

/** Lines of the program, counted backwards: of a long one only its last entry ends in a newline. */
class LineCount {
  #lines = 0
  readonly #seen = new Set<string>()

  /** The number of lines that have begun, this entry's included. */
  add({ log, stream }: LogEntry): number {
    if (log.endsWith('\n') || !this.#seen.has(stream)) this.#lines++
    this.#seen.add(stream)
    return this.#lines
  }
}
