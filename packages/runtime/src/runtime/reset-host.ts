import { RtError, shortId } from '@rt/driver-api'
import { performLeave } from '@rt/native'
import { forgetNamesStep } from '../names/files.ts'
import { definitionsOf } from '../networks/store.ts'
import type { Context } from '../store/context.ts'
import { lockStore } from '../store/lock.ts'
import { liveContainers, reconcile } from '../store/reconcile.ts'

/** See Runtime.reset. */
export const resetHost = async ({ layout, registry }: Pick<Context, 'layout' | 'registry'>): Promise<void> => {
  const store = await lockStore(layout)
  try {
    await reconcile(layout, registry)
    const [live] = liveContainers(layout)
    if (live !== undefined)
      throw new RtError('RT_CONTAINER_RUNNING', `The container ${shortId(live)} still uses what would be taken away`)
    for (const { name, driver } of await registry.usable('network')) {
      const [error] = performLeave((await driver.reset?.(definitionsOf(layout, name))) ?? [])
      if (error) throw error
    }
    const [error] = performLeave([forgetNamesStep(layout)])
    if (error) throw error
  } finally {
    store.release()
  }
}
