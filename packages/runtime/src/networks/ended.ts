import { existsSync } from 'node:fs'
import type { ContainerId, HostStep } from '@rt/driver-api'
import { performLeave } from '@rt/native'
import type { Context } from '../store/context.ts'
import { cleanUpAfter, readLeave } from '../store/leave.ts'
import { lockStore } from '../store/lock.ts'
import { liveContainers } from '../store/reconcile.ts'

/**
 * What is left to do after the end of a container that was connected to a network while it ran: besides the steps on disk a lease whose
 * `rt network connect` was killed between taking it and writing down its return, which only the driver knows.
 */
export const cleanUpAfterConnected = async (context: Context, id: ContainerId): Promise<Error[]> => {
  const { layout, registry } = context
  const store = await lockStore(layout)
  try {
    const leave = existsSync(layout.leaveChanged(id)) ? readLeave(layout, id) : undefined
    const drivers = new Set(leave?.networks.map(({ driver }) => driver))
    const errors = cleanUpAfter(layout, id)
    const live = liveContainers(layout)
    // Its monitor, or this process in its place, has the lock yet.
    live.delete(id)
    for (const name of drivers) {
      const driver = await registry.resolve('network', name)
      const steps: readonly HostStep[] = (await driver.gc?.(live)) ?? []
      errors.push(...performLeave(steps))
    }
    return errors
  } finally {
    store.release()
  }
}
