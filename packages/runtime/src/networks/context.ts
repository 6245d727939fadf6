import { isRtError, RtError } from '@rt/driver-api'
import { lock } from '@rt/native'
import type { Context } from '../lifecycle/context.ts'
import { reconcile } from '../store/reconcile.ts'
import { resolveNetwork } from './resolve.ts'

/** Under the store's lock, with what a crash left cleaned up: leases of the dead are free again. */
export const underLock = async <T>({ layout, registry }: Context, act: () => Promise<T>): Promise<T> => {
  const store = lock(layout.storeLock)
  try {
    const [left] = await reconcile(layout, registry)
    if (left) throw left
    return await refused(act)
  } finally {
    store.release()
  }
}

/** As Docker's exit status has it: 1 for a refused command on a network, where the same is 125 when a container is run. */
export const refused = async <T>(act: () => Promise<T>): Promise<T> => {
  try {
    return await act()
  } catch (error) {
    if (!isRtError(error) || error.exitCode === 1) throw error
    const { code, message, remedy, cause } = error
    throw new RtError(code, message, { remedy, cause, exitCode: 1 })
  }
}

/** @throws RtError RT_NET_UNKNOWN */
export const find = ({ layout, registry }: Context, name: string): ReturnType<typeof resolveNetwork> =>
  resolveNetwork(layout, registry, { name })
