import { performSteps } from '@rt/native'
import type { Context } from '../store/context.ts'
import { underLock } from '../store/under-lock.ts'
import { networkDrivers } from './resolve.ts'
import { definitionsOf } from './store.ts'

/** Puts back what somebody flushed, of all networks of all drivers. Answers the names of the drivers that have something to put back. */
export const reloadNetworks = (context: Context): Promise<string[]> =>
  underLock(context, async () => {
    const { layout, registry } = context
    const reloaded: string[] = []
    for (const name of networkDrivers(registry)) {
      const driver = await registry.resolve('network', name)
      if (!driver.reload) continue
      performSteps(await driver.reload(definitionsOf(layout, name)))
      reloaded.push(name)
    }
    return reloaded
  })
