import { readdirSync, readlinkSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { processStartTime } from '@rt/native'
import type { Parts } from '../runtime/parts.ts'
import type { ContainerRecord } from '../store/record.ts'
import { readInit } from '../store/state.ts'

/** @throws RtError RT_CONTAINER_NOT_RUNNING */
export const runningInit = (rt: Parts, { id, name }: Pick<ContainerRecord, 'id' | 'name'>): number => {
  const init = readInit(rt.layout, id)
  if (!init || processStartTime(init.pid) !== init.startTime)
    throw new RtError('RT_CONTAINER_NOT_RUNNING', `The container ${name} is not running`)
  return init.pid
}

/** Pids as the host sees them, its first process first. */
export const containerProcesses = async (
  rt: Parts,
  record: Pick<ContainerRecord, 'id' | 'drivers'>,
  init: number,
): Promise<number[]> => {
  const driver = await rt.drivers.resolve('isolation', record.drivers.isolation)
  const pids = driver.processes?.(record) ?? inPidNamespaceOf(init)
  return [init, ...pids.filter((pid) => pid !== init).sort((a, b) => a - b)]
}

/** Those in namespaces below it are not found: only a driver that keeps a cgroup knows them. */
const inPidNamespaceOf = (init: number): number[] => {
  const namespace = pidNamespace(init)
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => namespace !== undefined && pidNamespace(pid) === namespace)
}

const pidNamespace = (pid: number): string | undefined => {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch (error) {
    // It has ended, or is about to.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
