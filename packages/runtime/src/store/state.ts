import type { ContainerId } from '@rt/driver-api'
import { isLocked } from '@rt/native'
import type { Layout } from '../layout.ts'
import { readIfThere } from './files.ts'

export type ContainerState =
  /** rt is setting it up. */
  | { readonly status: 'starting' }
  | { readonly status: 'running'; readonly pid: number; readonly started: string; readonly restarts: number }
  | { readonly status: 'exited'; readonly exitCode: number; readonly finished: string }
  /** It has ended, and its policy starts it again in a moment. */
  | { readonly status: 'restarting'; readonly exitCode: number; readonly finished: string; readonly restarts: number }
  /** Nothing holds its lock, nothing was cleaned up: its rt or shim was killed. The next reconciliation sees to it. */
  | { readonly status: 'dead' }

/** The first process of a running container, told apart from a later one of the same number by its start time. */
export interface InitProcess {
  readonly pid: number
  /** Clock ticks after boot, field 22 of /proc/pid/stat. */
  readonly startTime: string
}

/** From the shim's status file; undefined before the container's program has been started. */
export const readInit = (
  layout: Layout,
  id: ContainerId,
): (InitProcess & { readonly started: string; readonly restarts: number }) | undefined => {
  const text = readIfThere(layout.status(id))
  if (text === undefined) return undefined
  const [pid = '', startTime = '', started = '', restarts = '0'] = text.trim().split(' ')
  return { pid: Number(pid), startTime, started: isoTime(started), restarts: Number(restarts) }
}

/** `nanoseconds` since the epoch as decimal text, as the shim writes times. */
const isoTime = (nanoseconds: string): string => new Date(Number(nanoseconds) / 1e6).toISOString()

const readExit = (layout: Layout, id: ContainerId): (ContainerState & { readonly status: 'exited' }) | undefined => {
  const text = readIfThere(layout.exit(id))
  if (text === undefined) return undefined
  const [code = '', signal = '', time = ''] = text.trim().split(' ')
  return {
    status: 'exited',
    exitCode: signal === '0' ? Number(code) : 128 + Number(signal),
    finished: isoTime(time),
  }
}

/** Between two runs the shim says so behind the status of the last one. */
const isRestarting = (layout: Layout, id: ContainerId): boolean =>
  readIfThere(layout.exit(id))?.trim().split(' ').includes('restarting') ?? false

/**
 * Derived, never stored: a container lives exactly as long as its lock is held, and the kernel releases the lock with the process that
 * holds it. A pid alone may be somebody else's by now.
 */
export const containerState = (layout: Layout, id: ContainerId): ContainerState => {
  if (isLocked(layout.lock(id))) {
    const init = readInit(layout, id)
    if (!init) return { status: 'starting' }
    const { pid, started, restarts } = init
    const exit = isRestarting(layout, id) ? readExit(layout, id) : undefined
    return exit ? { ...exit, status: 'restarting', restarts } : { status: 'running', pid, started, restarts }
  }
  return readExit(layout, id) ?? { status: 'dead' }
}
