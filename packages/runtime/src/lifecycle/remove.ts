import { existsSync } from 'node:fs'
import { type HostStep, RtError } from '@rt/driver-api'
import { performByShim, performLeave, ShimStepError } from '@rt/native'
import { each, type Outcome, onward } from '../each.ts'
import type { Layout } from '../layout.ts'
import type { Container } from '../store/containers.ts'
import { type Context, stillStarting, target } from '../store/context.ts'
import { appendEvent } from '../store/journal.ts'
import { discardSteps } from '../store/leave.ts'
import { lockStore } from '../store/lock.ts'
import { sweepNames } from '../store/names.ts'
import { reconcile } from '../store/reconcile.ts'
import { isLive } from '../store/state.ts'
import { awaitEnds, Ending } from './ending.ts'
import { thaw } from './paused.ts'

const SIGKILL = 9

export interface RemoveOptions {
  /** Those that run are killed. */
  readonly force: boolean
  /** Volumes that nobody has named and nobody else has go with them. */
  readonly volumes: boolean
}

/** Removes containers with everything they wrote. `force`: kills those that run, all together. */
export const removeContainers = async (
  context: Context,
  names: readonly string[],
  { force, volumes }: RemoveOptions,
): Promise<Outcome[]> => {
  const { layout, registry } = context
  const found = await each(names, (name) => target(layout, name))
  const ended = force ? await endAll(context, found) : found
  const store = await lockStore(layout)
  try {
    const [left] = [...(await reconcile(layout, registry)), ...sweepNames(layout)]
    const removable = await onward(ended, ({ record }) => {
      // Read again under the lock: somebody may have started, renamed or removed it meanwhile.
      const container = existsSync(layout.container(record.id)) ? target(layout, record.id) : undefined
      if (container) refuseLive(container)
      return container
    })
    if (left) throw left
    return await removeAll(layout, removable, volumes)
  } finally {
    store.release()
  }
}

const refuseLive = (container: Container): void => {
  const { record, state } = container
  if (state.status === 'starting') throw stillStarting(container)
  if (isLive(state)) throw new RtError('RT_CONTAINER_RUNNING', `The container ${record.name} is ${state.status}`)
}

/** Kills those that live, and waits for all of them together. */
const endAll = async (context: Context, found: readonly Outcome<Container>[]): Promise<Outcome<Container>[]> => {
  const { layout } = context
  const endings: Ending[] = []
  try {
    const outcomes = await onward(found, async (container) => {
      if (container.state.status === 'starting') throw stillStarting(container)
      if (!isLive(container.state)) return container
      const ending = new Ending(layout, container.record, { final: true })
      endings.push(ending)
      ending.signal(SIGKILL)
      appendEvent(layout, 'kill', container.record, { signal: SIGKILL })
      await thaw(context, container)
      return container
    })
    awaitEnds(endings.map((ending) => ({ ending, patienceMs: Number.POSITIVE_INFINITY })))
    return outcomes
  } finally {
    for (const ending of endings) ending[Symbol.dispose]()
  }
}

/** All by one call of the shim; each alone where something is in the way, so that the others go. Under the store's lock. */
export const removeAll = async (
  layout: Layout,
  containers: readonly Outcome<Container | undefined>[],
  volumes: boolean,
): Promise<Outcome[]> => {
  const stepsOf = (container: Container | undefined): HostStep[] =>
    container
      ? discardSteps(layout, container.record.id, container.record.name, container.record.mountPoints, volumes)
      : []
  try {
    performByShim(containers.flatMap((outcome) => ('error' in outcome ? [] : stepsOf(outcome.value))))
    return await onward(containers, (container) => tellDestroyed(layout, container))
  } catch (error) {
    if (!(error instanceof ShimStepError)) throw error
    return await onward(containers, (container) => {
      const [error] = performLeave(stepsOf(container))
      if (error) throw error
      tellDestroyed(layout, container)
    })
  }
}

const tellDestroyed = (layout: Layout, container: Container | undefined): void => {
  if (container) appendEvent(layout, 'destroy', container.record)
}
