import { isRtError, RtError } from '@rt/driver-api'
import type { Unpacked, UnpackJob } from './unpack-file.ts'

/** To a thread that unpacks: one job at a time, and how its file grows. */
export type Order =
  | { readonly kind: 'unpack'; readonly job: UnpackJob }
  | { readonly kind: 'reach'; readonly bytes: number }
  | { readonly kind: 'give-up' }

/** And back: warnings, and one end for each job. */
export type Report =
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'done'; readonly unpacked: Unpacked }
  | { readonly kind: 'failed'; readonly failure: Failure }

/** An error on its way between threads, where classes are lost. */
export interface Failure {
  readonly message: string
  readonly stack: string | undefined
  /** undefined: of no kind that rt knows, so a fault of its own. */
  readonly known: { readonly code: string; readonly remedy: string; readonly exitCode: number } | undefined
}

export const toFailure = (error: unknown): Failure => {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  if (!isRtError(error)) return { message, stack, known: undefined }
  const { code, remedy, exitCode } = error
  return { message, stack, known: { code, remedy, exitCode } }
}

export const fromFailure = ({ message, stack, known }: Failure): Error => {
  const error = known === undefined ? new Error(message) : new RtError(known.code, message, known)
  if (stack !== undefined) error.stack = stack
  return error
}
