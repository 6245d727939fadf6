import { RtError } from '@rt/driver-api'
import { closeFd, type Netns, openNetns, waitReadable } from '@rt/native'
import type { Layout } from '../layout.ts'
import type { Container } from '../store/containers.ts'
import { stillStarting } from '../store/context.ts'
import { holdInit, notRunning } from '../store/init.ts'
import { isLive } from '../store/state.ts'

/** The network namespace of a container that runs. Close it. */
export interface LiveNetwork {
  readonly netns: Netns
  readonly pid: number
  readonly pidfd: number
  /** @throws RtError RT_CONTAINER_NOT_RUNNING where its first process has ended meanwhile */
  check(): void
  close(): void
}

/**
 * undefined: it does not run, and what is changed is changed for its next start.
 *
 * @throws RtError RT_CONTAINER_RUNNING while it is just being started
 */
export const liveNetwork = (layout: Layout, container: Container): LiveNetwork | undefined => {
  const { record, state } = container
  if (!isLive(state)) return undefined
  if (state.status === 'starting') throw stillStarting(container)
  if (state.status === 'restarting')
    throw new RtError('RT_CONTAINER_NOT_RUNNING', `The container ${record.name} is between two starts`, {
      remedy: 'Try again when it runs, or stop it first.',
    })
  const { pid, pidfd } = holdInit(layout, record.id, record.name)
  const check = (): void => {
    if (waitReadable([pidfd], 0).size > 0) throw notRunning(record.name)
  }
  const netns = openNetns(pid)
  const close = (): void => {
    netns.close()
    closeFd(pidfd)
  }
  try {
    // Only now is it sure that the number was not another process's by the time of opening.
    check()
    return { netns, pid, pidfd, check, close }
  } catch (error) {
    close()
    throw error
  }
}
