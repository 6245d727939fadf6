import { RtError } from '@rt/driver-api'
import type { Layout } from '../../layout.ts'
import type { Container } from '../../store/containers.ts'
import type { LogEntry } from './entry.ts'
import { followLog, readLog } from './follow.ts'
import type { LogRange } from './reader.ts'

export type { LogEntry } from './entry.ts'
export type { LogRange } from './reader.ts'

export interface LogOptions extends LogRange {
  /** Goes on with what comes until the container ends. */
  readonly follow: boolean
}

/**
 * Gives the container's log to `show`, some entries at a time, in the order in which they were written.
 *
 * @throws RtError RT_LOG_UNAVAILABLE
 */
export const showLog = async (
  layout: Layout,
  { record }: Pick<Container, 'record'>,
  { follow, ...range }: LogOptions,
  show: (entries: readonly LogEntry[]) => void,
): Promise<void> => {
  const { request, name, id } = record
  if (request.log?.driver === 'none')
    throw new RtError('RT_LOG_UNAVAILABLE', `The container ${name} was started with --log-driver=none`)
  // It has its caller's own descriptors: nobody is in between who could keep what it writes.
  if (request.autoRemove && !request.detach && !request.spec.tty)
    throw new RtError('RT_LOG_UNAVAILABLE', `The container ${name} writes to the terminal or file of its caller itself`)
  if (follow) await followLog(layout, id, range, show)
  else readLog(layout.log(id), range, show)
}
