import type { LogEntry } from '@rt/runtime'
import { write } from './output.ts'

/** Writes log entries where the container wrote them, in their order: as few writes as that allows. */
export class LogOutput {
  readonly #timestamps: boolean
  /** Streams in the middle of a line, which was too long for one entry. */
  readonly #unfinished = new Set<string>()

  constructor(timestamps: boolean) {
    this.#timestamps = timestamps
  }

  show(entries: readonly LogEntry[]): void {
    let stream = entries[0]?.stream
    let text = ''
    for (const entry of entries) {
      if (entry.stream !== stream) {
        this.#write(stream, text)
        stream = entry.stream
        text = ''
      }
      text += this.#line(entry)
    }
    this.#write(stream, text)
  }

  #write(stream: LogEntry['stream'] | undefined, text: string): void {
    write(stream === 'stderr' ? 2 : 1, text)
  }

  #line({ log, stream, time }: LogEntry): string {
    if (!this.#timestamps) return log
    const begins = !this.#unfinished.has(stream)
    if (log.endsWith('\n')) this.#unfinished.delete(stream)
    else this.#unfinished.add(stream)
    return begins ? `${nineDigits(time)} ${log}` : log
  }
}

/** The json-file format leaves out zeros at the end; in a column they belong. */
const nineDigits = (time: string): string => {
  const [seconds = '', digits = ''] = time.replace(/Z$/, '').split('.')
  return `${seconds}.${digits.padEnd(9, '0')}Z`
}
