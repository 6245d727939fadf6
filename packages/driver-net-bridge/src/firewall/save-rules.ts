import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { performSteps } from '@rt/native'

/**
 * The text of `iptables-save`, by way of a file in `directory`, which is made where it is missing.
 * Errors: RT_TOOL_MISSING, RT_STEP_FAILED with what the program said.
 */
export const saveRules = (directory: string): string => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, `rules.${process.pid}`)
  try {
    runTool('iptables-save', '-f', path)
    return readFileSync(path, 'utf8')
  } finally {
    rmSync(path, { force: true })
  }
}

/** Runs a program that changes nothing; throws when it does not end well. */
export const runTool = (...argv: [string, ...string[]]): void =>
  performSteps([{ where: 'host', op: 'exec', argv, why: 'Looks at the rules that are there.' }])
