import { existsSync } from 'node:fs'
import type { ContainerId, IsolationDriver } from '@rt/driver-api'
import { isLocked } from '@rt/native'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import { readIfThere } from '../store/files.ts'
import type { ContainerRecord } from '../store/record.ts'

/** Docker's words for where a container is in its life. */
export type Status = 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead'

/** What can be seen of a container's life, in numbers. Times are nanoseconds since the epoch. */
export interface LifeState {
  readonly status: Status
  /** Of its first process; 0: there is none. */
  readonly pid: number
  /** Of its last end; 0 before the first one and while it runs, as in Docker. */
  readonly exitCode: number
  /** The kernel ended its last run for want of memory. */
  readonly oomKilled: boolean
  /** By its restart policy, in this life. */
  readonly restarts: number
  /** undefined: in no life that is known. */
  readonly started?: bigint
  readonly finished?: bigint
}

interface LastEnd {
  readonly exitCode: number
  readonly time: bigint
  readonly oom: boolean
  readonly monitorKilled: boolean
}

/** `CODE SIGNAL NANOSECONDS` and perhaps words behind. */
const readEnd = (layout: Layout, id: ContainerId): LastEnd | undefined => {
  const text = readIfThere(layout.exit(id))
  if (text === undefined) return undefined
  const [code = '0', signal = '0', time = '0', ...words] = text.trim().split(' ')
  return {
    exitCode: signal === '0' ? Number(code) : 128 + Number(signal),
    time: BigInt(time),
    oom: words.includes('oom'),
    monitorKilled: words.includes('dead'),
  }
}

/** `lives`: whether its monitor holds its lock; asked where undefined. */
export const lifeState = (
  layout: Layout,
  record: Pick<ContainerRecord, 'id' | 'request'>,
  lives = isLocked(layout.lock(record.id)),
): LifeState => {
  const { id } = record
  if (!lives) return ended(layout, id)
  const status = readIfThere(layout.status(id))
  if (status === undefined) return { status: 'created', pid: 0, exitCode: 0, oomKilled: false, restarts: 0 }
  const [pid = '0', , started = '0', restarts = '0'] = status.trim().split(' ')
  const running = {
    pid: Number(pid),
    exitCode: 0,
    oomKilled: false,
    restarts: Number(restarts),
    started: BigInt(started),
  }
  const policy = record.request.restart?.name ?? 'no'
  const end = policy === 'no' ? undefined : readEnd(layout, id)
  // Its monitor has written down an end since, and stands there still: it waits before it starts it again.
  if (end && end.time > running.started)
    return { ...running, status: 'restarting', pid: 0, exitCode: end.exitCode, oomKilled: end.oom, finished: end.time }
  return { ...running, status: 'running' }
}

const ended = (layout: Layout, id: ContainerId): LifeState => {
  const end = readEnd(layout, id)
  // Left behind and not yet seen to by the next reconciliation, or one that has never been started.
  if (!end)
    return {
      status: existsSync(layout.run(id)) ? 'dead' : 'created',
      pid: 0,
      exitCode: 0,
      oomKilled: false,
      restarts: 0,
    }
  return {
    status: end.monitorKilled ? 'dead' : 'exited',
    pid: 0,
    exitCode: end.exitCode,
    oomKilled: end.oom,
    restarts: 0,
    finished: end.time,
  }
}

/** Whether containers are paused only the kernel knows: asked through the driver that isolates them. */
export class PauseSight {
  readonly #registry: DriverRegistry
  readonly #drivers = new Map<string, IsolationDriver>()

  constructor(registry: DriverRegistry) {
    this.#registry = registry
  }

  async look(record: Pick<ContainerRecord, 'id' | 'drivers'>, state: LifeState): Promise<LifeState> {
    if (state.status !== 'running') return state
    const name = record.drivers.isolation
    let driver = this.#drivers.get(name)
    if (!driver) {
      driver = await this.#registry.resolve('isolation', name)
      this.#drivers.set(name, driver)
    }
    return driver.isFrozen?.(record) ? { ...state, status: 'paused' } : state
  }
}
