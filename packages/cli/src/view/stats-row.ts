import { shortId } from '@rt/driver-api'
import type { Stats } from '@rt/runtime'
import type { Column, Row } from '../format.ts'
import { humanSize, memorySize } from '../sizes.ts'

export const STATS_COLUMNS: readonly Column[] = [
  { field: 'Container', header: 'CONTAINER' },
  { field: 'ID', header: 'CONTAINER ID' },
  { field: 'Name', header: 'NAME' },
  { field: 'CPUPerc', header: 'CPU %' },
  { field: 'MemUsage', header: 'MEM USAGE / LIMIT' },
  { field: 'MemPerc', header: 'MEM %' },
  { field: 'NetIO', header: 'NET I/O' },
  { field: 'BlockIO', header: 'BLOCK I/O' },
  { field: 'PIDs', header: 'PIDS' },
]

export const STATS_TABLE = 'table ID,Name,CPUPerc,MemUsage,MemPerc,NetIO,BlockIO,PIDs'

/** What is not counted here: Docker's sign. */
const NONE = '--'

const pair = (a: number | undefined, b: number | undefined, form: (bytes: number) => string): string =>
  `${a === undefined ? NONE : form(a)} / ${b === undefined ? NONE : form(b)}`

const percent = (value: number | undefined): string => (value === undefined ? NONE : `${value.toFixed(2)}%`)

/** A container's figures under Docker's names. */
export const statsRow = (stats: Stats, truncate: boolean): Row => ({
  Container: () => stats.name,
  ID: () => (truncate ? shortId(stats.id) : stats.id),
  Name: () => stats.name,
  CPUPerc: () => percent(stats.cpuPercent),
  MemUsage: () => pair(stats.memoryBytes, stats.memoryLimitBytes, memorySize),
  MemPerc: () => percent(stats.memoryPercent),
  NetIO: () => pair(stats.networkReceivedBytes, stats.networkSentBytes, humanSize),
  BlockIO: () => pair(stats.blockReadBytes, stats.blockWriteBytes, humanSize),
  PIDs: () => (stats.pids === undefined ? NONE : String(stats.pids)),
})
