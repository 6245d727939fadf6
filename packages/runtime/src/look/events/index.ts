import { type Filters, hasLabel } from '../../filters/filters.ts'
import type { Layout } from '../../layout.ts'
import { makeStore } from '../../store/prepare.ts'
import { Changes } from '../changes.ts'
import { RotatedFiles } from '../rotated.ts'
import { wakeAt } from '../wake.ts'
import { type Event, parseEvent } from './event.ts'

export { parseFilters } from '../../filters/filters.ts'
export { attributes, type Event } from './event.ts'

export const EVENT_FILTERS = ['container', 'event', 'image', 'label', 'network', 'type']

export interface EventOptions {
  /** Nanoseconds since the epoch; undefined: from now on. */
  readonly since?: bigint
  /** Undefined: without end. */
  readonly until?: bigint
  readonly filters: Filters
  /** Ends it. */
  readonly signal?: AbortSignal
}

/** Events as they happen, beginning with those since `since`; sleeps in between. */
export async function* events(
  layout: Layout,
  { since, until, filters, signal }: EventOptions,
): AsyncGenerator<Event, void, void> {
  makeStore(layout)
  const changes = new Changes([layout.runRoot])
  const over = until === undefined ? undefined : wakeAt(until, changes.notify)
  const files = new RotatedFiles(layout.events)
  if (since === undefined) files.skipAll()
  signal?.addEventListener('abort', changes.notify)
  try {
    for (;;) {
      const ends = (over?.passed() ?? false) || signal?.aborted
      for (let lines = files.read(); lines; lines = files.read())
        for (const line of lines) {
          const event = parseEvent(line)
          if (!event || (since !== undefined && event.time < since) || (until !== undefined && event.time > until))
            continue
          if (matches(event, filters)) yield event
        }
      if (ends) return
      await changes.next()
    }
  } finally {
    signal?.removeEventListener('abort', changes.notify)
    over?.cancel()
    files.close()
    changes.close()
  }
}

/** Gives the same to `show`. */
export const followEvents = async (
  layout: Layout,
  options: EventOptions,
  show: (event: Event) => void,
): Promise<void> => {
  for await (const event of events(layout, options)) show(event)
}

const TESTS: Readonly<Record<string, (event: Event, value: string) => boolean>> = {
  container: ({ type, id, name, more }, value) =>
    type === 'network' ? more?.container?.startsWith(value) === true : name === value || id.startsWith(value),
  network: ({ type, id, name }, value) => type === 'network' && (name === value || id.startsWith(value)),
  event: ({ action }, value) => action === value,
  image: ({ image }, value) => image === value || image?.split(':')[0] === value,
  type: ({ type = 'container' }, value) => value === type,
}

const matches = (event: Event, filters: Filters): boolean =>
  Object.entries(TESTS).every(([key, test]) => filters.get(key)?.some((value) => test(event, value)) ?? true) &&
  (filters.get('label') ?? []).every((label) => hasLabel(event.labels, label))
