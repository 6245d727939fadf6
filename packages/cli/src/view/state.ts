import { type ContainerState, formatTime } from '@rt/runtime'

/** RFC 3339 with all nine digits; Docker's word for never where there is no time. */
export const isoTime = (nanoseconds: bigint | undefined): string =>
  nanoseconds === undefined ? '0001-01-01T00:00:00Z' : formatTime(nanoseconds)

/** For JSON, which has no integers of that size. */
export const plainState = ({ started, finished, ...state }: ContainerState): Record<string, unknown> => ({
  ...state,
  ...(started !== undefined && { started: isoTime(started) }),
  ...(finished !== undefined && { finished: isoTime(finished) }),
})

/** Docker's `State`. Paused and restarting containers count as running there. */
export const stateView = (state: ContainerState): Record<string, unknown> => ({
  Status: state.status,
  Running: ['running', 'paused', 'restarting'].includes(state.status),
  Paused: state.status === 'paused',
  Restarting: state.status === 'restarting',
  OOMKilled: state.oomKilled,
  Dead: state.status === 'dead',
  Pid: state.pid,
  ExitCode: state.exitCode,
  Error: state.reason ?? '',
  StartedAt: isoTime(state.started),
  FinishedAt: isoTime(state.finished),
})
