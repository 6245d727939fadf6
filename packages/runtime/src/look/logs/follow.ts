import type { ContainerId } from '@rt/driver-api'
import type { Layout } from '../../layout.ts'
import { Changes } from '../changes.ts'
import { Life } from '../life.ts'
import { wakeAt } from '../wake.ts'
import type { LogEntry } from './entry.ts'
import { type LogRange, LogReader } from './reader.ts'

/** What is in the log now. */
export function* readLog(path: string, range: LogRange): Generator<readonly LogEntry[]> {
  const reader = new LogReader(path, range)
  try {
    yield* blocks(reader)
  } finally {
    reader.close()
  }
}

/** What is in the log now and what comes, until the container has ended, `until` is over or `signal` says so. Sleeps until a file changes. */
export async function* followLog(
  layout: Layout,
  id: ContainerId,
  range: LogRange,
  signal?: AbortSignal,
): AsyncGenerator<readonly LogEntry[]> {
  const changes = new Changes([layout.container(id), layout.run(id)])
  const life = new Life(layout, id, changes.notify)
  const over = range.until === undefined ? undefined : wakeAt(range.until, changes.notify)
  const reader = new LogReader(layout.log(id), range)
  signal?.addEventListener('abort', changes.notify)
  try {
    for (;;) {
      // Asked first: what it wrote before it ended is then all in what is read now.
      const ended = !life.goesOn()
      yield* blocks(reader)
      if (ended || reader.passed || over?.passed() || signal?.aborted) return
      await changes.next()
    }
  } finally {
    signal?.removeEventListener('abort', changes.notify)
    over?.cancel()
    reader.close()
    life.close()
    changes.close()
  }
}

function* blocks(reader: LogReader): Generator<readonly LogEntry[]> {
  for (let entries = reader.read(); entries; entries = reader.read()) if (entries.length > 0) yield entries
}
