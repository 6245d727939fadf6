import type { ContainerId } from '@rt/driver-api'
import type { Layout } from '../../layout.ts'
import { Changes } from '../changes.ts'
import { Life } from '../life.ts'
import { wakeAt } from '../wake.ts'
import type { LogEntry } from './entry.ts'
import { type LogRange, LogReader } from './reader.ts'

/** What is in the log now. */
export const readLog = (path: string, range: LogRange, show: (entries: readonly LogEntry[]) => void): void => {
  const reader = new LogReader(path, range)
  try {
    showAll(reader, show)
  } finally {
    reader.close()
  }
}

/** What is in the log now and what comes, until the container has ended or `until` is over. Sleeps until a file changes. */
export const followLog = async (
  layout: Layout,
  id: ContainerId,
  range: LogRange,
  show: (entries: readonly LogEntry[]) => void,
): Promise<void> => {
  const changes = new Changes([layout.container(id), layout.run(id)])
  const life = new Life(layout, id, changes.notify)
  const over = range.until === undefined ? undefined : wakeAt(range.until, changes.notify)
  const reader = new LogReader(layout.log(id), range)
  try {
    for (;;) {
      // Asked first: what it wrote before it ended is then all in what is read now.
      const ended = !life.goesOn()
      showAll(reader, show)
      if (ended || reader.passed || over?.passed()) return
      await changes.next()
    }
  } finally {
    over?.cancel()
    reader.close()
    life.close()
    changes.close()
  }
}

const showAll = (reader: LogReader, show: (entries: readonly LogEntry[]) => void): void => {
  for (let entries = reader.read(); entries; entries = reader.read()) if (entries.length > 0) show(entries)
}
