import { existsSync } from 'node:fs'
import type { ContainerId } from '@rt/driver-api'
import { isLocked } from '@rt/native'
import type { Layout } from '../layout.ts'
import { readIfThere } from './files.ts'

export type ContainerState =
  /** It has never been started. */
  | { readonly status: 'created' }
  /** rt is setting it up. */
  | { readonly status: 'starting' }
  | { readonly status: 'running'; readonly pid: number; readonly started: string; readonly restarts: number }
  /** Only where an isolation driver was asked: the kernel knows, no file of rt's does. */
  | { readonly status: 'paused'; readonly pid: number; readonly started: string; readonly restarts: number }
  /** Its monitor waits before it starts it again; what it ended with last. */
  | { readonly status: 'restarting'; readonly exitCode: number }
  | {
      readonly status: 'exited'
      readonly exitCode: number
      readonly finished: string
      /** The kernel killed a process of it for want of memory. */
      readonly oomKilled: boolean
    }
  /** Nobody saw its end. */
  | { readonly status: 'dead'; readonly exitCode: number; readonly finished?: string; readonly reason: string }

/** The first process of a running container, told apart from a later one of the same number by its start time. */
export interface InitProcess {
  readonly pid: number
  /** Clock ticks after boot, field 22 of /proc/pid/stat. */
  readonly startTime: string
}

/** From the shim's status file; undefined before the container's program has been started, and between two starts of a restart policy. */
export const readInit = (
  layout: Layout,
  id: ContainerId,
): (InitProcess & { readonly started: string; readonly restarts: number }) | undefined => {
  const text = readIfThere(layout.status(id))
  if (text === undefined) return undefined
  const [pid = '', startTime = '', started = '', restarts = '0'] = text.trim().split(' ')
  // The number 0 is nobody's: the monitor's own way to say that it waits before it starts the container again.
  return Number(pid) === 0
    ? undefined
    : { pid: Number(pid), startTime, started: isoTime(started), restarts: Number(restarts) }
}

/** `nanoseconds` since the epoch as decimal text, as the shim writes times. */
const isoTime = (nanoseconds: string): string => new Date(Number(nanoseconds) / 1e6).toISOString()

/** Why nobody saw the end: the words that people read. */
const REASONS = {
  monitor: 'its monitor was killed',
  machine: 'the machine went down while it ran',
} as const

/** The exit file: `CODE SIGNAL NANOSECONDS` and words. */
const readExit = (
  layout: Layout,
  id: ContainerId,
): (ContainerState & { readonly status: 'exited' | 'dead' }) | undefined => {
  const text = readIfThere(layout.exit(id))
  if (text === undefined) return undefined
  const [code = '', signal = '', time = '', ...words] = text.trim().split(' ')
  const exitCode = signal === '0' ? Number(code) : 128 + Number(signal)
  const finished = isoTime(time)
  return words.includes('dead')
    ? { status: 'dead', exitCode, finished, reason: REASONS.monitor }
    : { status: 'exited', exitCode, finished, oomKilled: words.includes('oom') }
}

/**
 * Derived, never stored: a container lives exactly as long as its lock is held, and the kernel releases the lock with the process that
 * holds it. A pid alone may be somebody else's by now.
 */
export const containerState = (layout: Layout, id: ContainerId): ContainerState => {
  if (!isLocked(layout.lock(id))) return stateAtRest(layout, id)
  const running = runningState(layout, id)
  if (running) return running
  // A start takes the last exit away before anything else, so that one is there only between two starts of the monitor's.
  const last = readExit(layout, id)
  return last ? { status: 'restarting', exitCode: last.exitCode } : { status: 'starting' }
}

/** Of one that lives; undefined: it has no first process now. */
export const runningState = (layout: Layout, id: ContainerId): ContainerState | undefined => {
  const init = readInit(layout, id)
  return init && { status: 'running', pid: init.pid, started: init.started, restarts: init.restarts }
}

/** Of one that does not live. */
export const stateAtRest = (layout: Layout, id: ContainerId): ContainerState => {
  const exit = readExit(layout, id)
  if (exit) return exit
  if (!wasStarted(layout, id)) return { status: 'created' }
  // The next reconciliation writes down that its monitor died; after a reboot there is nothing left to reconcile.
  return existsSync(layout.run(id))
    ? { status: 'dead', exitCode: 137, reason: REASONS.monitor }
    : { status: 'dead', exitCode: 255, reason: REASONS.machine }
}

/** A start writes its plan once the storage is complete; `create` writes none. */
export const wasStarted = (layout: Layout, id: ContainerId): boolean => existsSync(layout.plan(id))

/** No exit was written, and nobody took it away for a start that is still going on: the machine went down while it ran. */
export const ranAtReboot = (layout: Layout, id: ContainerId): boolean =>
  wasStarted(layout, id) && !existsSync(layout.exit(id)) && !existsSync(layout.run(id))

/** Somebody's process keeps it: running, paused, starting or restarting. */
export const isLive = ({ status }: ContainerState): boolean =>
  status === 'running' || status === 'paused' || status === 'starting' || status === 'restarting'
