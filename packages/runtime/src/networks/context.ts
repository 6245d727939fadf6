import type { Context } from '../lifecycle/context.ts'
import { refused } from '../lifecycle/refused.ts'
import { lockStore } from '../store/lock.ts'
import { reconcile } from '../store/reconcile.ts'
import { resolveNetwork } from './resolve.ts'

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

/** @throws RtError RT_NET_UNKNOWN */
export const find = ({ layout, registry }: Context, name: string): ReturnType<typeof resolveNetwork> =>
  resolveNetwork(layout, registry, { name })
