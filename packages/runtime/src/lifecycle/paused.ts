import { RtError } from '@rt/driver-api'
import { performSteps } from '@rt/native'
import type { DriverRegistry } from '../drivers/registry.ts'
import { each, type Outcome } from '../each.ts'
import type { Container } from '../store/containers.ts'
import { type Context, notRunning, target } from '../store/context.ts'
import { appendEvent } from '../store/journal.ts'
import { PauseSight } from './pause-sight.ts'

/** Stops every process of the containers where it is, or lets them go on. */
export const pauseContainers = (
  { layout, registry }: Context,
  names: readonly string[],
  frozen: boolean,
): Promise<Outcome[]> =>
  each(names, async (name) => {
    const container = await new PauseSight(registry, layout).look(target(layout, name))
    const { record, state } = container
    if (state.status !== 'running' && state.status !== 'paused') throw notRunning(container)
    if (frozen && state.status === 'paused')
      throw new RtError('RT_CONTAINER_PAUSED', `The container ${record.name} is already paused`)
    if (!frozen && state.status === 'running')
      throw new RtError('RT_CONTAINER_RUNNING', `The container ${record.name} is not paused`, {
        remedy: 'There is nothing to do.',
      })
    await freeze(registry, container, frozen)
    appendEvent(layout, frozen ? 'pause' : 'unpause', record)
  })

const freeze = async (registry: DriverRegistry, { record }: Container, frozen: boolean): Promise<void> => {
  const driver = await registry.resolve('isolation', record.drivers.isolation)
  if (!driver.freeze)
    throw new RtError('RT_DRIVER_LACKS', `The isolation driver ${record.drivers.isolation} cannot pause containers`)
  performSteps(await driver.freeze({ id: record.id }, frozen))
}

/** A paused one sees no signal, not even SIGKILL on cgroup v1, before it goes on. */
export const thaw = async ({ registry, layout }: Context, container: Container): Promise<void> => {
  const { state } = await new PauseSight(registry, layout).look(container)
  if (state.status === 'paused') await freeze(registry, container, false)
}
