import type { Action, NetworkAction } from '../../store/journal.ts'

/** One line of the journal. */
export interface Event {
  /** undefined: a container. */
  readonly type?: 'network'
  readonly action: Action | NetworkAction
  readonly id: string
  readonly name: string
  /** Of a container. */
  readonly image?: string
  readonly labels?: Readonly<Record<string, string>>
  /** Of this kind of event: `signal`, `oldName`, ... */
  readonly more?: Readonly<Record<string, string>>
  readonly exitCode?: number
  /** Nanoseconds since the epoch. */
  readonly time: bigint
}

/** undefined: a line that is none. */
export const parseEvent = (line: string): Event | undefined => {
  // More digits than JSON.parse keeps. Inside of a text its quotes would be escaped.
  const time = /"timeNano":(\d+)/.exec(line)?.[1]
  if (time === undefined) return undefined
  try {
    const { timeNano: _, ...event } = JSON.parse(line) as Omit<Event, 'time'> & { timeNano: number }
    return { ...event, time: BigInt(time) }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** What Docker calls the attributes of the actor: labels, and what belongs to the event. */
export const attributes = ({ labels, more, exitCode, image, name }: Event): Record<string, string> => ({
  ...labels,
  ...more,
  ...(exitCode !== undefined && { exitCode: String(exitCode) }),
  ...(image !== undefined && { image }),
  name,
})
