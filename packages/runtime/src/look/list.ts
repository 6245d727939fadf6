import type { Runtime } from '../runtime.ts'
import { listIfThere } from '../store/files.ts'
import { type ContainerRecord, readRecord } from '../store/record.ts'
import { type LifeState, lifeState, PauseSight } from './state.ts'

/** A container with what `ps` and `inspect` show of its life. */
export interface Seen {
  readonly record: ContainerRecord
  readonly state: LifeState
}

/**
 * Containers that have a record, newest first. Without `all` only those that live, and of the others nothing is read.
 */
export const listSeen = async (rt: Runtime, { all }: { readonly all: boolean }): Promise<Seen[]> => {
  const { layout } = rt
  const live = new Set(listIfThere(layout.live))
  const sight = new PauseSight(rt.drivers)
  const found: Seen[] = []
  for (const id of all ? listIfThere(layout.containers) : live) {
    const record = readRecord(layout.record(id))
    if (!record) continue
    const state = await sight.look(record, lifeState(layout, record, live.has(id)))
    if (all || LIVING.has(state.status)) found.push({ record, state })
  }
  // ISO times compare as text. Not localeCompare: its first call loads the collation tables of ICU, 15 ms.
  return found.sort((a, b) => (a.record.created < b.record.created ? 1 : -1))
}

const LIVING: ReadonlySet<LifeState['status']> = new Set(['running', 'paused', 'restarting'])

/** @throws RtError RT_CONTAINER_UNKNOWN, RT_CONTAINER_AMBIGUOUS */
export const see = async (rt: Runtime, text: string): Promise<Seen> => {
  const { record } = rt.find(text)
  return { record, state: await new PauseSight(rt.drivers).look(record, lifeState(rt.layout, record)) }
}
