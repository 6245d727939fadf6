import type { ContainerId } from '@rt/driver-api'
import { performLeave } from '@rt/native'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import { readRecord } from './record.ts'

/**
 * Lets the processes of a paused container whose monitor was killed go on, to their end: on cgroup v1 not even SIGKILL ends a process that
 * is frozen. Answers what went wrong, which must not keep a clean-up from going on.
 */
export const thaw = async (layout: Layout, registry: DriverRegistry, id: ContainerId): Promise<Error[]> => {
  const record = readRecord(layout.record(id))
  if (record === undefined) return []
  try {
    const isolation = await registry.resolve('isolation', record.drivers.isolation)
    if (isolation.isFrozen?.({ id }) !== true) return []
    return performLeave((await isolation.freeze?.({ id }, false)) ?? [])
  } catch (error) {
    return [error instanceof Error ? error : new Error(String(error))]
  }
}
