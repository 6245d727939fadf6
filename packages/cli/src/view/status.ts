import type { ContainerState } from '@rt/runtime'
import { ago } from '../time.ts'

const since = (nanoseconds: bigint | undefined): string => ago(Number((nanoseconds ?? 0n) / 1_000_000n))

/** `Up 3 minutes`, `Exited (7) 2 hours ago`: Docker's words. */
export const statusText = (state: ContainerState): string => {
  switch (state.status) {
    case 'running':
      return `Up ${since(state.started)}`
    case 'paused':
      return `Up ${since(state.started)} (Paused)`
    case 'restarting':
      return `Restarting (${state.exitCode}) ${since(state.finished)} ago`
    case 'exited':
      return `Exited (${state.exitCode}) ${since(state.finished)} ago`
    case 'created':
      return 'Created'
    case 'starting':
      return 'Starting'
    case 'dead':
      return `Dead (${state.exitCode}): ${state.reason}`
  }
}
