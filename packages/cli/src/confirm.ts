import { readSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { isTerminal } from '@rt/native'
import type { ParsedFlags } from './command.ts'
import { complain } from './output.ts'

/**
 * Whether a command may remove things: it was told --force, or is told now.
 *
 * @throws RtError RT_USAGE where nobody can be asked
 */
export const confirmed = (flags: ParsedFlags, command: string, warning: string): boolean => {
  if (flags.on('force')) return true
  if (isTerminal(0)) return confirm(warning)
  throw new RtError('RT_USAGE', `${command} asks before it removes anything, and nobody is there to answer`, {
    remedy: `Use \`${command} -f\`.`,
    exitCode: 1,
  })
}

/** Asks on the terminal; only `y` or `yes` is one. */
const confirm = (warning: string): boolean => {
  complain(`WARNING! ${warning}\nAre you sure you want to continue? [y/N]`)
  const answer = Buffer.alloc(256)
  // One line: a terminal gives no more, and keeps what belongs to the next program.
  const length = readSync(0, answer)
  return /^y(es)?$/i.test(answer.toString('utf8', 0, length).trim())
}
