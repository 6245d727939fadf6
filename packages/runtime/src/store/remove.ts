import { type ContainerId, RtError, shortId } from '@rt/driver-api'
import { killProcess, lock, performLeave } from '@rt/native'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import { thaw } from '../limits/thaw.ts'
import { readContainer } from './containers.ts'
import { discardSteps } from './leave.ts'
import { reconcile } from './reconcile.ts'
import { containerState, readInit } from './state.ts'

/**
 * Removes a container with everything it wrote.
 *
 * @throws RtError RT_CONTAINER_RUNNING unless `force`, which kills it first
 */
export const removeContainer = async (
  layout: Layout,
  registry: DriverRegistry,
  id: ContainerId,
  options: { readonly force: boolean },
): Promise<void> => {
  const { status } = containerState(layout, id)
  const name = readContainer(layout, id)?.record.name
  if (status === 'running' || status === 'starting') {
    if (!options.force) throw new RtError('RT_CONTAINER_RUNNING', `The container ${name ?? id} is ${status}`)
    await endContainer(layout, registry, id)
  }
  const store = lock(layout.storeLock)
  try {
    const errors = await reconcile(layout, registry)
    if (name !== undefined) errors.push(...performLeave(discardSteps(layout, id, name)))
    const [first] = errors
    if (first) throw first
  } finally {
    store.release()
  }
}

/** Kills the container's first process and waits until its shim has cleaned up and let go of the lock. */
const endContainer = async (layout: Layout, registry: DriverRegistry, id: ContainerId): Promise<void> => {
  const init = readInit(layout, id)
  if (!init)
    throw new RtError('RT_CONTAINER_RUNNING', `The container ${shortId(id)} is just being started`, {
      remedy: 'Try again in a moment.',
    })
  killProcess(init.pid, init.startTime)
  await thaw(layout, registry, id)
  try {
    lock(layout.lock(id)).release()
  } catch (error) {
    // Its directory went with it while we waited, or before we came.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
