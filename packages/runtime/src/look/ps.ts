import type { Filters } from '../filters/filters.ts'
import type { Parts } from '../runtime/parts.ts'
import { filterContainers, meansAll } from './filter.ts'
import { type Listing, listSeen } from './list.ts'

export { type Filters, parseFilters } from '../filters/filters.ts'
export { PS_FILTERS } from './filter.ts'
export type { Listing } from './list.ts'

export interface PsOptions {
  /** Also those that do not run; a `last` or a filter by status means it too. */
  readonly all: boolean
  /** Only so many of the newest. */
  readonly last?: number
  readonly filters: Filters
}

/** What `rt ps` shows, newest first. @throws RtError RT_USAGE, RT_CONTAINER_UNKNOWN */
export const listForPs = async (rt: Parts, { all, last, filters }: PsOptions): Promise<Listing> => {
  const { seen, leftovers } = await listSeen(rt, { all: all || last !== undefined || meansAll(filters) })
  const kept = filterContainers(seen, filters, (text) => rt.find(text).record.created)
  return { seen: last === undefined ? kept : kept.slice(0, last), leftovers }
}
