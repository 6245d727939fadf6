import { RtError, type RtErrorOptions, type Step } from '@rt/driver-api'
import { NetlinkError } from '../netlink/error.ts'
import { errnoText, errorCode, SyscallError } from '../sys/errno.ts'
import { describe } from './describe.ts'

/** A step that the kernel, or a program, refused. */
export class StepError extends RtError {
  readonly step: Step
  /** The errno's name, `EEXIST`; undefined when it was not the kernel who said no. */
  readonly errno: string | undefined
  /** What the kernel or the program said itself. */
  readonly said: string

  constructor(step: Step, code: string, message: string, said: string, options: RtErrorOptions & { errno?: string }) {
    super(code, message, options)
    this.name = 'StepError'
    this.step = step
    this.errno = options.errno
    this.said = said
  }
}

/** Why a step failed, in the driver's own words where it has some for this errno. */
export const stepError = (step: Step, cause: unknown): StepError => {
  if (cause instanceof StepError) return cause
  const errno = errorCode(cause)
  const said = wordsOf(step, cause)
  const known = (errno === undefined ? undefined : step.failure?.[errno]) ?? step.failure?.['*']
  const options = { cause, ...(errno === undefined ? {} : { errno }) }
  if (known !== undefined)
    return new StepError(step, known.code, known.message, said, { ...options, remedy: known.remedy })
  if (cause instanceof RtError)
    return new StepError(step, cause.code, cause.message, said, { ...options, remedy: cause.remedy })
  const code =
    errno === 'ENOSPC' || errno === 'EDQUOT'
      ? 'RT_DISK_FULL'
      : cause instanceof NetlinkError
        ? 'RT_NETLINK'
        : 'RT_STEP_FAILED'
  return new StepError(step, code, `Could not ${describe(step)}: ${said}.`, said, options)
}

/** The text without the call's name and path, which the sentence around it has already. */
const wordsOf = (step: Step, cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  if (cause instanceof SyscallError) {
    const text = errnoText(cause.errno)
    return cause.path === undefined || ('path' in step && step.path === cause.path) ? text : `${cause.path}: ${text}`
  }
  // Node: `ENOENT: no such file or directory, open '/x'`
  const node = /^E[A-Z0-9]+: (.*?), \w+( '.*)?$/s.exec(cause.message)
  const words = node?.[1] ?? cause.message
  return words.replace(/\.$/, '')
}
