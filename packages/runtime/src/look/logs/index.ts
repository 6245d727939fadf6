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
  /** Ends that. */
  readonly signal?: AbortSignal
}

/**
 * The container's log, some entries at a time, in the order in which they were written.
 *
 * @throws RtError RT_LOG_UNAVAILABLE
 */
export async function* logEntries(
  layout: Layout,
  { record }: Pick<Container, 'record'>,
  { follow, signal, ...range }: LogOptions,
): AsyncGenerator<readonly LogEntry[]> {
  const { request, name, id } = record
  if (request.log?.driver === 'none')
    throw new RtError('RT_LOG_UNAVAILABLE', `The container ${name} was started with --log-driver=none`)
  // It has its caller's own descriptors: nobody is in between who could keep what it writes.
  if (request.autoRemove && !request.detach && !request.spec.tty)
    throw new RtError('RT_LOG_UNAVAILABLE', `The container ${name} writes to the terminal or file of its caller itself`)
  if (follow) yield* followLog(layout, id, range, signal)
  else yield* readLog(layout.log(id), range)
}

/** Gives the same to `show`. */
export const showLog = async (
  layout: Layout,
  container: Pick<Container, 'record'>,
  options: LogOptions,
  show: (entries: readonly LogEntry[]) => void,
): Promise<void> => {
  for await (const entries of logEntries(layout, container, options)) show(entries)
}
