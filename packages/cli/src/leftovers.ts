import { complain } from './output.ts'

/** What a crash left and could not be cleaned up: worth a line each, not worth refusing the command. */
export const reportLeftovers = (errors: readonly Error[]): void => {
  for (const error of errors)
    complain(`rt: warning: a dead container could not be cleaned up entirely: ${error.message}`)
}
