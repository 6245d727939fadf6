import { type ContainerId, type OciResources, RtError, shortId } from '@rt/driver-api'
import { performSteps } from '@rt/native'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import type { RestartPolicy } from '../request.ts'
import { askedResources, planGroups } from '../run/groups.ts'
import type { LimitFlags } from '../spec/index.ts'
import { readContainer } from '../store/containers.ts'
import { lockStore } from '../store/lock.ts'
import { type ContainerRecord, writeRecord } from '../store/record.ts'
import { lifted } from './lift.ts'

/** What `update` changes; what is left out stays as it is. */
export interface ContainerUpdate {
  readonly limits: LimitFlags
  /** From the container's next start on. */
  readonly restart?: RestartPolicy
}

/** Those that have control groups. */
const LIVE: ReadonlySet<string> = new Set(['running', 'paused', 'restarting'])

/**
 * Changes the limits of a container: of a running one now, of any at its next start. Under the store's lock, so that two updates at once do
 * not lose one another's.
 * @throws RtError RT_LIMIT_* with nothing recorded
 */
export const updateContainer = async (
  layout: Layout,
  registry: DriverRegistry,
  id: ContainerId,
  update: ContainerUpdate,
  tell: (line: string) => void,
): Promise<void> => {
  const store = await lockStore(layout)
  try {
    const container = readContainer(layout, id)
    if (!container) throw new RtError('RT_CONTAINER_UNKNOWN', `No such container: ${shortId(id)}`)
    const { record, state } = container
    if (state.status === 'starting')
      throw new RtError('RT_CONTAINER_RUNNING', `The container ${record.name} is just being started`, {
        remedy: 'Try again in a moment.',
      })
    const spec = { ...record.request.spec, limits: merged(record.request.spec.limits, update.limits) }
    const isolation = await registry.resolve('isolation', record.drivers.isolation)
    // Planned as a start would be, which says what this host cannot do before anything is done.
    await planGroups(isolation, id, spec, tell)
    const asked = await askedResources(spec)
    if (LIVE.has(state.status) && Object.keys(update.limits).length > 0) {
      if (!isolation.update)
        throw new RtError(
          'RT_LIMIT_UNSUPPORTED',
          `The isolation driver ${record.drivers.isolation} cannot change a running container`,
        )
      const before = await askedResources({ ...(record.request.spec.limits && { limits: record.request.spec.limits }) })
      performSteps(await isolation.update({ id }, lifted(before.resources, asked.resources)))
    }
    writeRecord(
      layout.record(id),
      changed(record, { ...record.request, spec, ...(update.restart && { restart: update.restart }) }, asked.resources),
    )
  } finally {
    store.release()
  }
}

/** `--cpus=0` takes the limit away; a start refuses it, because no program runs on none. */
const merged = (before: LimitFlags | undefined, now: LimitFlags): LimitFlags => {
  const limits = { ...before, ...now }
  if (limits.cpus === undefined || Number.parseFloat(limits.cpus) !== 0) return limits
  const { cpus: _, ...others } = limits
  return others
}

/** As `inspect` shows it and the next `start` reads it. */
const changed = (
  record: ContainerRecord,
  request: ContainerRecord['request'],
  resources: OciResources | undefined,
): ContainerRecord => {
  const { resources: _, ...linux } = record.spec.linux
  return { ...record, request, spec: { ...record.spec, linux: { ...linux, ...(resources && { resources }) } } }
}
