import { type ContainerId, RtError } from '@rt/driver-api'
import { closeFd, isLocked, pidfdOpen, processStartTime } from '@rt/native'
import type { Layout } from '../layout.ts'
import { readInit } from './state.ts'

/** A container's first process, held so that its number cannot become another's. */
export interface HeldInit {
  readonly pid: number
  readonly pidfd: number
}

/**
 * Opened first and the start time compared after, so that both are of one process.
 * @throws RtError RT_CONTAINER_NOT_RUNNING
 */
export const holdInit = (layout: Layout, id: ContainerId, name: string): HeldInit => {
  const init = isLocked(layout.lock(id)) ? readInit(layout, id) : undefined
  const pidfd = init && pidfdOpen(init.pid)
  if (init === undefined || pidfd === undefined) throw notRunning(name)
  if (processStartTime(init.pid) === init.startTime) return { pid: init.pid, pidfd }
  closeFd(pidfd)
  throw notRunning(name)
}

export const notRunning = (name: string): RtError =>
  new RtError('RT_CONTAINER_NOT_RUNNING', `The container ${name} is not running`, {
    remedy: `Start it with \`rt start ${name}\`.`,
  })
