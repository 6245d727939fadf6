import type { Context } from './context.ts'
import { lockStore } from './lock.ts'
import { reconcile } from './reconcile.ts'
import { refused } from './refused.ts'

/** Under the store's lock, with what a crash left cleaned up: leases of the dead are free again. */
export const underLock = async <T>({ layout, registry }: Context, act: () => Promise<T>): Promise<T> => {
  const store = await lockStore(layout)
  try {
    const [left] = await reconcile(layout, registry)
    if (left) throw left
    return await refused(act)
  } finally {
    store.release()
  }
}
