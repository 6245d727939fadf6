import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import type { IsolationDriver, ResourceUsage } from '@rt/driver-api'
import type { Parts } from '../runtime/parts.ts'
import type { ContainerRecord } from '../store/record.ts'
import { readInit } from '../store/state.ts'
import { listSeen, see } from './list.ts'
import { containerProcesses } from './processes.ts'

/** One container at one moment. What this host does not count is left out. */
export interface Stats {
  readonly id: string
  readonly name: string
  /** Of one CPU, between two looks: 200 is two CPUs. */
  readonly cpuPercent?: number
  readonly memoryBytes?: number
  /** The machine's memory where the container has no limit. */
  readonly memoryLimitBytes: number
  readonly memoryPercent?: number
  readonly networkReceivedBytes?: number
  readonly networkSentBytes?: number
  readonly blockReadBytes?: number
  readonly blockWriteBytes?: number
  readonly pids?: number
}

interface Look {
  /** Nanoseconds of a clock that does not jump. */
  readonly at: bigint
  readonly cpu: number | undefined
}

/** Looks at containers again and again: CPU use is what lies between two looks. */
export class StatsSource {
  readonly #rt: Parts
  readonly #names: readonly string[]
  readonly #all: boolean
  readonly #last = new Map<string, Look>()

  /** No names: all that run, with `all` those that do not run too. */
  constructor(rt: Parts, names: readonly string[], { all }: { readonly all: boolean }) {
    this.#rt = rt
    this.#names = names
    this.#all = all
  }

  /** @throws RtError RT_CONTAINER_UNKNOWN */
  async look(): Promise<Stats[]> {
    const seen =
      this.#names.length === 0
        ? (await listSeen(this.#rt, { all: this.#all })).seen
        : await Promise.all(this.#names.map((name) => see(this.#rt, name)))
    const found: Stats[] = []
    for (const { record } of seen) found.push(await this.#lookAt(record))
    return found
  }

  async #lookAt(record: ContainerRecord): Promise<Stats> {
    const { id, name } = record
    const init = readInit(this.#rt.layout, id)
    const driver = await this.#rt.drivers.resolve('isolation', record.drivers.isolation)
    const usage = init ? await usageOf(driver, record) : {}
    const now: Look = { at: process.hrtime.bigint(), cpu: usage.cpuNanoseconds }
    const before = this.#last.get(id)
    this.#last.set(id, now)
    const limit = Math.min(usage.memoryLimitBytes ?? Number.POSITIVE_INFINITY, totalmem())
    const { memoryBytes, blockReadBytes, blockWriteBytes } = usage
    const pids = init ? (usage.pids ?? (await containerProcesses(this.#rt, record, init.pid)).length) : 0
    return {
      id,
      name,
      ...percent(before, now),
      ...(memoryBytes !== undefined && { memoryBytes, memoryPercent: (memoryBytes / limit) * 100 }),
      memoryLimitBytes: limit,
      ...(init && ownNetwork(record) && networkBytes(init.pid)),
      ...(blockReadBytes !== undefined && { blockReadBytes }),
      ...(blockWriteBytes !== undefined && { blockWriteBytes }),
      pids,
    }
  }
}

const percent = (before: Look | undefined, now: Look): Pick<Stats, 'cpuPercent'> => {
  if (before?.cpu === undefined || now.cpu === undefined || now.at === before.at) return {}
  // A container that was started again in between counts from nothing.
  return { cpuPercent: (Math.max(0, now.cpu - before.cpu) / Number(now.at - before.at)) * 100 }
}

/** A container may end between two lines of this program. */
const usageOf = async (driver: IsolationDriver, record: ContainerRecord): Promise<ResourceUsage> => {
  try {
    return (await driver.usage?.(record)) ?? {}
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return {}
    throw error
  }
}

/** In the host's network namespace the counters are the host's. */
const ownNetwork = ({ spec }: ContainerRecord): boolean => spec.linux.namespaces.some(({ type }) => type === 'network')

/** Of all its interfaces but lo; nothing once it has ended. */
const networkBytes = (pid: number): Pick<Stats, 'networkReceivedBytes' | 'networkSentBytes'> => {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/net/dev`, 'utf8')
  } catch (error) {
    if (['ENOENT', 'EINVAL', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return {}
    throw error
  }
  return parseNetDev(text)
}

/** `/proc/net/dev`: a name, then eight counters of what came in and eight of what went out, bytes first. */
export const parseNetDev = (text: string): { networkReceivedBytes: number; networkSentBytes: number } => {
  let [received, sent] = [0, 0]
  for (const line of text.split('\n').slice(2)) {
    const [name = '', counters = ''] = line.split(':')
    if (name.trim() === '' || name.trim() === 'lo') continue
    const numbers = counters.trim().split(/\s+/)
    received += Number(numbers[0])
    sent += Number(numbers[8])
  }
  return { networkReceivedBytes: received, networkSentBytes: sent }
}
