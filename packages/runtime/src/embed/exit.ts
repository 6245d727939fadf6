import { constants } from 'node:os'

/** How a container or a program in it has ended. */
export interface Exit {
  /** The program's own, or 128 and the signal that ended it. */
  readonly exitCode: number
  readonly signal: NodeJS.Signals | null
}

export interface ContainerExit extends Exit {
  /** The kernel killed one of its processes for want of memory. */
  readonly oomKilled: boolean
}

/** A signal by its number; null: none. */
export const signalName = (number: number): NodeJS.Signals | null =>
  (Object.entries(constants.signals).find(([, value]) => value === number)?.[0] as NodeJS.Signals | undefined) ?? null
