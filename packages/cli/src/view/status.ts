import type { ContainerState } from '@rt/runtime'
import { ago } from '../time.ts'

/** `Up 3 minutes`, `Exited (7) 2 hours ago`: Docker's words. */
export const statusText = (state: ContainerState): string => {
  switch (state.status) {
    case 'running':
      return `Up ${ago(state.started)}`
    case 'paused':
      return `Up ${ago(state.started)} (Paused)`
    case 'restarting':
      return `Restarting (${state.exitCode})${state.finished === undefined ? '' : ` ${ago(state.finished)} ago`}`
    case 'exited':
      return `Exited (${state.exitCode}) ${ago(state.finished)} ago`
    case 'created':
    case 'starting':
      return 'Created'
    case 'dead':
      return `Dead (${state.reason})`
  }
}
