import { join } from 'node:path'
import type { Trial } from './check.ts'

export type Role = 'guard' | 'outer' | 'inner' | 'one'

type Command = readonly [string, ...string[]]

/** How rt's own program starts itself as an agent: there are no files beside it that could be. */
const OWN = 'RT_TESTKIT_AGENT'

/** A process that plays a part in a trial. */
export const agentCommand = (role: Role, trial: Trial): Command => {
  const own = process.env[OWN]
  const words = [role, JSON.stringify(trial)]
  if (own !== undefined) return [process.execPath, ...(JSON.parse(own) as string[]), ...words]
  const isSource = import.meta.filename.endsWith('.ts')
  const agent = join(import.meta.dirname, isSource ? 'agent-main.ts' : 'agent-main.js')
  return [process.execPath, ...(isSource ? ['--conditions=@rt/source', '--no-warnings'] : []), agent, ...words]
}

/** Those started from now on, by this process and by them, are `node ...words ROLE TRIAL`. */
export const agentIs = (words: readonly string[]): void => {
  process.env[OWN] = JSON.stringify(words)
}
