import { pathToFileURL } from 'node:url'
import { playAgent } from './agent.ts'
import type { Role } from './agent-command.ts'
import type { AnyDriverClass, Trial } from './check.ts'

/** `agent-main.ts ROLE TRIAL [GROUP...]`: a process of a trial; see `playAgent`. */
const [, , role, trial = '', ...groups] = process.argv
const load = async (file: string): Promise<AnyDriverClass> =>
  ((await import(pathToFileURL(file).href)) as { default: AnyDriverClass }).default
process.exit(await playAgent(role as Role, JSON.parse(trial) as Trial, load, groups))
