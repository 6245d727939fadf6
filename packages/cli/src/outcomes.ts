import { isRtError } from '@rt/driver-api'
import type { Outcome } from '@rt/runtime'
import { complain, print } from './output.ts'

/** An error of one of several names, in the form that they all have. */
export const complainOf = (error: Error): void => {
  complain(`rt: ${error.message}${isRtError(error) ? ` [${error.code}]` : ''}`)
  if (isRtError(error) && error.remedy) complain(`  ${error.remedy}`)
}

/** As Docker does it: each name that was given, or what is wrong with it. The exit status is 1 when anything failed. */
export const printOutcomes = <T>(outcomes: readonly Outcome<T>[], line: (outcome: Outcome<T>) => string): number => {
  let exitCode = 0
  for (const outcome of outcomes) {
    if ('error' in outcome) {
      complainOf(outcome.error)
      exitCode = 1
    } else print(line(outcome))
  }
  return exitCode
}

export const printNames = <T>(outcomes: readonly Outcome<T>[]): number => printOutcomes(outcomes, ({ name }) => name)
