import type { Parts } from '../runtime/parts.ts'
import { containerProcesses, runningInit } from './processes.ts'
import { ProcessTable } from './top.ts'
import { topColumns } from './top-columns.ts'

export interface ProcessList {
  /** As they stand above the columns. */
  readonly titles: readonly string[]
  readonly processes: readonly (readonly string[])[]
}

/**
 * The processes of a running container as the host sees them.
 *
 * @param options of ps(1)
 * @throws RtError RT_USAGE, RT_CONTAINER_UNKNOWN, RT_CONTAINER_NOT_RUNNING
 */
export const top = async (rt: Parts, name: string, options: readonly string[]): Promise<ProcessList> => {
  const columns = topColumns(options)
  const { record } = rt.find(name)
  const table = new ProcessTable()
  const pids = await containerProcesses(rt, record, runningInit(rt, record))
  return {
    titles: columns.map((column) => column.toUpperCase()),
    processes: pids.flatMap((pid) => {
      const row = table.row(pid)
      return row ? [columns.map((column) => row[column] ?? '')] : []
    }),
  }
}
