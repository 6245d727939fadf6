import type { ContainerState } from '@rt/runtime'

/** What Docker shows where there is no time. */
const NEVER = '0001-01-01T00:00:00Z'

/** Docker's `State`. Paused and restarting containers count as running there, and one that is being set up as created. */
export const stateView = (state: ContainerState): Record<string, unknown> => ({
  Status: state.status === 'starting' ? 'created' : state.status,
  Running: ['running', 'paused', 'restarting'].includes(state.status),
  Paused: state.status === 'paused',
  Restarting: state.status === 'restarting',
  OOMKilled: 'oomKilled' in state && state.oomKilled,
  Dead: state.status === 'dead',
  Pid: pidOf(state),
  ExitCode: 'exitCode' in state ? state.exitCode : 0,
  Error: 'reason' in state ? state.reason : '',
  StartedAt: 'started' in state ? state.started : NEVER,
  FinishedAt: ('finished' in state && state.finished) || NEVER,
})

/** 0: it has no process. */
export const pidOf = (state: ContainerState): number => ('pid' in state ? state.pid : 0)
