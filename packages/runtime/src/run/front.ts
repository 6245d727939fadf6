import type { ContainerId } from '@rt/driver-api'
import type { BackgroundStageOptions, Stage } from '@rt/native'
import type { ContainerRecord } from '../store/record.ts'

/** What a start has prepared. */
export interface Prepared {
  readonly record: ContainerRecord
  readonly stage: Stage
  readonly netnsFd?: number
  /** The container's: to be held until its monitor has it. */
  readonly lockFd: number
  /** Held by its monitor as long as it lives. */
  readonly heldFds: readonly number[]
  /** Whether its program is given input. */
  readonly stdin: boolean
  /** Closes all descriptors but the stage's, for a process that goes on. */
  close(): void
}

/** How this process stands before a container that it starts: what it becomes, or what it starts in its place. */
export interface Front<T> {
  /** False: the container has this process's own descriptors, and no monitor in the background. */
  readonly background: boolean
  /** To which the shim hands over when a step of the sandbox fails: it has no words of its own. */
  readonly onFailure: readonly string[]
  /** Likewise, for clean-up steps that only TypeScript can perform. */
  readonly onLeave: readonly string[]
  /** Called last of all before the shim has the plan. What it throws ends the start. */
  readonly beforeShim?: (id: ContainerId) => void
  startStage(cgroups: readonly string[], streams: BackgroundStageOptions): Stage
  /** What it throws at once is undone by its caller. What it rejects with later it has undone itself. */
  begin(plan: Uint8Array, prepared: Prepared): T | Promise<T>
}
