import type { ContainerId } from '@rt/driver-api'
import { type Outcome, reclaimedBy } from '../each.ts'
import type { PruneTest } from '../filters/prune.ts'
import { listContainers } from '../store/containers.ts'
import type { Context } from '../store/context.ts'
import { lockStore } from '../store/lock.ts'
import { reconcile } from '../store/reconcile.ts'
import { isLive } from '../store/state.ts'
import { treeSize } from '../store/tree-size.ts'
import { removeAll } from './remove.ts'

export interface Pruned {
  /** By id. */
  readonly outcomes: readonly Outcome[]
  /** Bytes. */
  readonly reclaimed: number
}

/** Removes every container that does not live (created, exited and dead ones) and of which `test` holds. */
export const pruneContainers = async ({ layout, registry }: Context, test: PruneTest): Promise<Pruned> => {
  const store = await lockStore(layout)
  try {
    const [left] = await reconcile(layout, registry)
    if (left) throw left
    const stopped = listContainers(layout).filter(
      ({ state, record }) => !isLive(state) && test({ created: record.created, labels: record.request.labels }),
    )
    const sizes = new Map<ContainerId, number>(
      stopped.map(({ record }) => [record.id, treeSize(layout.container(record.id))]),
    )
    const outcomes = await removeAll(
      layout,
      stopped.map((container) => ({ name: container.record.id, value: container })),
      false,
    )
    return { outcomes, reclaimed: reclaimedBy(outcomes, sizes) }
  } finally {
    store.release()
  }
}
