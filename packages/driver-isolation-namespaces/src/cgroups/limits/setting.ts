import type { StepFailure } from '@rt/driver-api'

/** By their v1 names; v2 calls blkio `io`. */
export type Controller = 'memory' | 'cpu' | 'cpuset' | 'pids' | 'blkio'

/** One interface file of one controller, still without the directory that it lies in. */
export interface Setting {
  /** The flag that asked for it, for messages: `--memory`. */
  readonly flag: string
  readonly file: string
  readonly value: string
  readonly why: string
  readonly see: string
  /** Replaces the usual words for this errno. */
  readonly failure?: Readonly<Record<string, StepFailure>>
}

/** What settings depend on besides the limits themselves. */
export interface SettingContext {
  /** The content of a file of the container's own group; undefined: there is no group yet. */
  current(file: string): string | undefined
  /** The content of a file of the group above. */
  parent(file: string): string | undefined
  /** Whether groups of this hierarchy have such a file; undefined: none is there to be looked at. */
  has(file: string): boolean | undefined
  warn(line: string): void
}

export const unsupported = (flag: string, controller: string, reason: string): StepFailure => ({
  code: 'RT_LIMIT_UNSUPPORTED',
  message: `${flag} cannot be set, because ${reason}.`,
  remedy: `Leave ${flag} out, or boot a kernel whose ${controller} controller has it.`,
})
