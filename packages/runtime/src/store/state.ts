import { existsSync } from 'node:fs'
import type { ContainerId } from '@rt/driver-api'
import { isLocked } from '@rt/native'
import type { Layout } from '../layout.ts'
import { readIfThere } from './files.ts'

/** Docker's words for where a container is in its life, and `starting`: rt is setting it up. */
export type Status = 'created' | 'starting' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead'

/** What can be seen of a container's life. Times are nanoseconds since the epoch. */
export interface ContainerState {
  readonly status: Status
  /** Of its first process; 0: there is none. */
  readonly pid: number
  /** Of its last end; 0 before the first one and while it runs, as in Docker. */
  readonly exitCode: number
  /** The kernel killed a process of its last run for want of memory. */
  readonly oomKilled: boolean
  /** By its restart policy, since it was started. */
  readonly restarts: number
  readonly started?: bigint
  readonly finished?: bigint
  /** Why nobody saw the end of a `dead` one. */
  readonly reason?: string
}

/** The first process of a running container, told apart from a later one of the same number by its start time. */
export interface InitProcess {
  readonly pid: number
  /** Clock ticks after boot, field 22 of /proc/pid/stat. */
  readonly startTime: string
  readonly started: bigint
  readonly restarts: number
}

const AT_REST = { pid: 0, exitCode: 0, oomKilled: false, restarts: 0 } as const

/** From the shim's status file; undefined before the container's program has been started. */
export const readInit = (layout: Layout, id: ContainerId): InitProcess | undefined => {
  const text = readIfThere(layout.status(id))
  if (text === undefined) return undefined
  const [pid = '', startTime = '', started = '0', restarts = '0'] = text.trim().split(' ')
  return { pid: Number(pid), startTime, started: BigInt(started), restarts: Number(restarts) }
}

/** Why nobody saw the end: the words that people read. */
const REASONS = {
  monitor: 'its monitor was killed',
  machine: 'the machine went down while it ran',
} as const

/** How a life of a container has ended. Times are nanoseconds since the epoch. */
export interface End {
  readonly exitCode: number
  /** That ended its first process; 0: none. */
  readonly signal: number
  readonly finished: bigint
  /** undefined: its program never began. */
  readonly started: bigint | undefined
  readonly restarts: number
  readonly oomKilled: boolean
  readonly dead: boolean
  /** The monitor's word for a wait: it starts the container again. */
  readonly restarting: boolean
}

const exitCodeOf = (code: string, signal: string): number => (signal === '0' ? Number(code) : 128 + Number(signal))

/** The exit file, where there is one. */
export const readEnd = (layout: Layout, id: ContainerId): End | undefined => {
  const text = readIfThere(layout.exit(id))
  return text === undefined ? undefined : parseEnd(text)
}

/** `CODE SIGNAL NANOSECONDS STARTED RESTARTS` and words; undefined: it is none of that form. */
export const parseEnd = (line: string): End | undefined => {
  const [code, signal, time = '0', started = '0', restarts = '0', ...words] = line.trim().split(' ')
  if (code === undefined || signal === undefined) return undefined
  return {
    exitCode: exitCodeOf(code, signal),
    signal: Number(signal),
    started: started === '0' ? undefined : BigInt(started),
    restarts: Number(restarts),
    finished: BigInt(time),
    oomKilled: words.includes('oom'),
    dead: words.includes('dead'),
    restarting: words.includes('restarting'),
  }
}

/**
 * Derived, never stored: a container lives exactly as long as its lock is held, and the kernel releases the lock with the process that
 * holds it. A pid alone may be somebody else's by now. That it is paused only its isolation driver sees.
 *
 * @param lives whether its lock is held; asked where undefined
 */
export const containerState = (
  layout: Layout,
  id: ContainerId,
  lives: boolean = isLocked(layout.lock(id)),
): ContainerState => {
  if (!lives) return stateAtRest(layout, id)
  const init = readInit(layout, id)
  if (init === undefined) return { status: 'starting', ...AT_REST }
  const { pid, started, restarts } = init
  const end = readEnd(layout, id)
  if (!end?.restarting) return { status: 'running', ...AT_REST, pid, started, restarts }
  const { exitCode, oomKilled, finished } = end
  return { status: 'restarting', pid: 0, exitCode, oomKilled, restarts, started, finished }
}

const stateAtRest = (layout: Layout, id: ContainerId): ContainerState => {
  const end = readEnd(layout, id)
  if (end && !end.restarting) {
    const { exitCode, oomKilled, finished, started, restarts } = end
    const ended = { ...AT_REST, exitCode, oomKilled, finished, restarts, ...(started !== undefined && { started }) }
    return end.dead ? { status: 'dead', ...ended, reason: REASONS.monitor } : { status: 'exited', ...ended }
  }
  if (!wasStarted(layout, id)) return { status: 'created', ...AT_REST }
  // The next reconciliation writes down that its monitor died; after a reboot there is nothing left to reconcile.
  return existsSync(layout.run(id))
    ? { status: 'dead', ...AT_REST, exitCode: 137, reason: REASONS.monitor }
    : { status: 'dead', ...AT_REST, exitCode: 255, reason: REASONS.machine }
}

/** Whether the last end has been written down for good, by its monitor or by a reconciliation. */
export const hasEnded = (layout: Layout, id: ContainerId): boolean => readEnd(layout, id)?.restarting === false

/** A start writes its plan once the storage is complete; `create` writes none. */
export const wasStarted = (layout: Layout, id: ContainerId): boolean => existsSync(layout.plan(id))

/** Whether its storage holds something that a start has to find again. */
export const hasFiles = (layout: Layout, id: ContainerId): boolean =>
  wasStarted(layout, id) || existsSync(layout.prepared(id))

/** No final end was written, and no start is going on: the machine went down while it ran. */
export const ranAtReboot = (layout: Layout, id: ContainerId): boolean =>
  wasStarted(layout, id) && !hasEnded(layout, id) && !existsSync(layout.run(id))

/** Somebody's process keeps it: running, paused, starting or restarting. */
export const isLive = ({ status }: ContainerState): boolean =>
  status === 'running' || status === 'paused' || status === 'starting' || status === 'restarting'
