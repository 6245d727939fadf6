import { closeSync, fstatSync, openSync, renameSync, statSync, writeSync } from 'node:fs'
import { type MonitorOptions, tryLock, wallClock } from '@rt/native'
import type { Layout } from '../layout.ts'
import type { ContainerRecord } from './record.ts'

/** Docker's words for what happens to a container. */
export type Action =
  | 'create'
  | 'start'
  | 'die'
  | 'stop'
  | 'kill'
  | 'pause'
  | 'unpause'
  | 'restart'
  | 'rename'
  | 'destroy'
  | 'oom'
  | 'update'
  | 'attach'
  | 'detach'
  | 'resize'
  | 'exec_create'
  | 'exec_start'
  | 'exec_die'

/** Docker's words for what happens to a network. */
export type NetworkAction = 'create' | 'connect' | 'disconnect' | 'destroy'

/** Whom it happens to. */
export type Subject = Pick<ContainerRecord, 'id' | 'name' | 'image'> & {
  readonly request: Pick<ContainerRecord['request'], 'labels'>
}

/** One full file and the one that is being written. */
const FULL = 4 * 1024 * 1024

/** All of a line but its time, which the shim adds itself. `more`: attributes of this event, such as `signal`. */
const beginning = (action: Action, { id, name, image, request }: Subject, more?: Readonly<Record<string, string>>) =>
  `${JSON.stringify({ action, id, name, image: image.name, labels: request.labels, more }).slice(0, -1)},"timeNano":`

/** What the shim appends by itself, without knowing what it says. */
export const eventsOfMonitor = (
  layout: Layout,
  subject: Subject,
  autoRemove: boolean,
): NonNullable<MonitorOptions['events']> => ({
  journal: layout.events,
  start: beginning('start', subject),
  die: beginning('die', subject),
  oom: beginning('oom', subject),
  ...(autoRemove && { destroy: beginning('destroy', subject) }),
})

/**
 * Tells whoever follows `rt events`. One write at the end of the file, so that lines of several writers never mix.
 *
 * @param exitCode for `die` and `exec_die`
 */
export const appendEvent = (
  layout: Layout,
  action: Action,
  subject: Subject,
  { exitCode, ...more }: { readonly exitCode?: number; readonly [name: string]: string | number | undefined } = {},
): void => {
  const texts = Object.fromEntries(Object.entries(more).map(([name, value]) => [name, String(value)]))
  const code = exitCode === undefined ? '' : `,"exitCode":${exitCode}`
  appendLine(layout, `${beginning(action, subject, texts)}${wallClock()}${code}}\n`)
}

/** The same of a network. `more`: its driver as `type`, and whom it is connected with. */
export const appendNetworkLine = (
  layout: Layout,
  action: NetworkAction,
  subject: { readonly id: string; readonly name: string; readonly more: Readonly<Record<string, string>> },
): void => {
  const { id, name, more } = subject
  const text = JSON.stringify({ type: 'network', action, id, name, more })
  appendLine(layout, `${text.slice(0, -1)},"timeNano":${wallClock()}}\n`)
}

const appendLine = (layout: Layout, line: string): void => {
  const fd = openSync(layout.events, 'a', 0o600)
  try {
    writeSync(fd, line)
    if (fstatSync(fd).size > FULL) rotate(layout, fstatSync(fd).ino)
  } finally {
    closeSync(fd)
  }
}

/** Under the store's lock, so that two who find it full do not rename twice; who holds it just now leaves it to the next. */
const rotate = (layout: Layout, inode: number): void => {
  const store = tryLock(layout.storeLock)
  if (!store) return
  try {
    if (statSync(layout.events, { throwIfNoEntry: false })?.ino === inode)
      renameSync(layout.events, `${layout.events}.1`)
  } finally {
    store.release()
  }
}
