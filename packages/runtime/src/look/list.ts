import type { ContainerId } from '@rt/driver-api'
import { isLocked } from '@rt/native'
import type { Layout } from '../layout.ts'
import { PauseSight } from '../lifecycle/pause-sight.ts'
import type { Parts } from '../runtime/parts.ts'
import { requireRoot } from '../runtime/require-root.ts'
import type { Container } from '../store/containers.ts'
import { listIfThere } from '../store/files.ts'
import { orphans } from '../store/owner.ts'
import { isThisBoot } from '../store/reconcile.ts'
import { readRecord } from '../store/record.ts'
import { containerState, type Status } from '../store/state.ts'

export interface Listing {
  readonly seen: readonly Container[]
  /** What a crash left and could not be cleaned up. */
  readonly leftovers: readonly Error[]
}

/**
 * Containers that have a record, newest first. Without `all` only those that live, and of the others nothing is read. The store's lock is
 * taken only where a killed process left something to be finished: looking does not wait for those who start containers.
 */
export const listSeen = async (rt: Parts, { all }: { readonly all: boolean }): Promise<Listing> => {
  requireRoot()
  const { layout } = rt
  let living = livingContainers(layout)
  const everything = listIfThere(layout.containers)
  // As many names as containers: a rename that was cut short leaves one too many.
  const tidy =
    living.complete &&
    isThisBoot(layout) &&
    listIfThere(layout.names).length === everything.length &&
    orphans(layout).length === 0
  const leftovers = tidy ? [] : await rt.reconcile()
  if (!living.complete) living = livingContainers(layout)
  const sight = new PauseSight(rt.drivers, rt.layout)
  const seen: Container[] = []
  for (const id of all ? (tidy ? everything : listIfThere(layout.containers)) : living.ids) {
    const record = readRecord(layout.record(id))
    if (!record) continue
    const container = await sight.look({ record, state: containerState(layout, id, living.ids.has(id)) })
    if (all || LIVING.has(container.state.status)) seen.push(container)
  }
  // ISO times compare as text. Not localeCompare: its first call loads the collation tables of ICU, 15 ms.
  seen.sort((a, b) => (a.record.created < b.record.created ? 1 : -1))
  return { seen, leftovers }
}

/** Those whose lock is held; `complete`: every run directory is of one of them. */
const livingContainers = (layout: Layout): { readonly ids: ReadonlySet<ContainerId>; readonly complete: boolean } => {
  const all = listIfThere(layout.live)
  const ids = new Set(all.filter((id) => isLocked(layout.lock(id))))
  return { ids, complete: ids.size === all.length }
}

const LIVING: ReadonlySet<Status> = new Set(['running', 'paused', 'restarting'])

/** @throws RtError RT_CONTAINER_UNKNOWN, RT_CONTAINER_AMBIGUOUS */
export const see = (rt: Parts, text: string): Promise<Container> =>
  new PauseSight(rt.drivers, rt.layout).look(rt.find(text))
