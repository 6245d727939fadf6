import { readSync } from 'node:fs'
import { complain } from './output.ts'

/** Asks on the terminal; only `y` or `yes` is one. */
export const confirm = (warning: string): boolean => {
  complain(`WARNING! ${warning}\nAre you sure you want to continue? [y/N]`)
  const answer = Buffer.alloc(256)
  // One line: a terminal gives no more, and keeps what belongs to the next program.
  const length = readSync(0, answer)
  return /^y(es)?$/i.test(answer.toString('utf8', 0, length).trim())
}
