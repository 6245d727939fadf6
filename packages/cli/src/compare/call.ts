import { type CapturedRun, runCaptured } from '@rt/native/look'
import type { Runtime } from '@rt/runtime'
import { self } from '../handlers.ts'
import type { Combination } from './comparison.ts'

/** What all containers of one comparison have in common. */
export interface Calls {
  readonly rt: Runtime
  readonly image: string
  readonly command: readonly string[]
  /** Flags of `rt run`, as given. */
  readonly flags: readonly string[]
  readonly signal: AbortSignal
  /** A name for one more container; all of them are removed at the end, whatever happens. */
  readonly name: () => string
  /** Takes one away before that. */
  readonly remove: (names: readonly string[]) => Promise<void>
}

/** `rt run` with these drivers: a rt of its own, because a start ends in becoming the shim. */
export const callRun = (
  { rt, flags, signal }: Calls,
  { network, storage, isolation }: Combination,
  words: readonly string[],
): Promise<CapturedRun> =>
  runCaptured(
    [
      ...self(rt, 'run'),
      `--network=${network}`,
      `--storage=${storage}`,
      `--isolation=${isolation}`,
      ...flags,
      ...words,
    ],
    signal,
  )

/** rt's own complaint, as `main.ts` prints it; what is no complaint of that form is told as it is. */
export const complaintIn = (stderr: string): { message: string; code?: string; remedy?: string } => {
  const [, message, code, remedy] = /^rt: (.+) \[(RT_\w+)\]\n {2}(.+)$/m.exec(stderr) ?? []
  if (message === undefined || code === undefined)
    return { message: stderr.trim() || 'it did not start, and did not say why' }
  return { message, code, ...(remedy !== undefined && { remedy }) }
}
