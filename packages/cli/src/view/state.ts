import { formatTime, type LifeState } from '@rt/runtime'

/** RFC 3339 with all nine digits; Docker's word for never where there is no time. */
export const isoTime = (nanoseconds: bigint | undefined): string =>
  nanoseconds === undefined ? '0001-01-01T00:00:00Z' : formatTime(nanoseconds)

/** For JSON, which has no integers of that size. */
export const plainState = ({ started, finished, ...state }: LifeState): Record<string, unknown> => ({
  ...state,
  ...(started !== undefined && { started: isoTime(started) }),
  ...(finished !== undefined && { finished: isoTime(finished) }),
})
