import { ERRORS, type ErrorCode } from './catalogue.ts'

const BRAND = Symbol.for('rt.error')

export interface RtErrorOptions {
  /** What the user can do about it; the catalogue's by default. */
  readonly remedy?: string
  readonly cause?: unknown
  /** The exit status of `rt`; the catalogue's by default. */
  readonly exitCode?: number
}

/**
 * The one error class: one sentence of what is wrong, a stable code, and the remedy. A third-party driver may use codes of
 * its own; it then gives the remedy itself.
 */
export class RtError extends Error {
  readonly code: string
  readonly remedy: string
  readonly exitCode: number
  readonly [BRAND] = true

  constructor(code: ErrorCode | (string & {}), message: string, options: RtErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'RtError'
    const entry: { remedy: string; exitCode?: number } | undefined = (
      ERRORS as Record<string, { remedy: string; exitCode?: number }>
    )[code]
    this.code = code
    this.remedy = options.remedy ?? entry?.remedy ?? ''
    this.exitCode = options.exitCode ?? entry?.exitCode ?? 125
  }
}

/** Also true for an RtError of another copy of this package, where `instanceof` would say no; not for what only carries its mark. */
export const isRtError = (error: unknown): error is RtError => {
  if (typeof error !== 'object' || error === null) return false
  const { [BRAND]: brand, code, message, remedy, exitCode } = error as Record<PropertyKey, unknown>
  return (
    brand === true && [code, message, remedy].every((text) => typeof text === 'string') && Number.isInteger(exitCode)
  )
}
