/** The checks without vitest: what `rt drivers verify` runs. */
export { type LoadClass, playAgent } from './agent.ts'
export { agentIs, type Role } from './agent-command.ts'
export type { AnyDriverClass, Outcome, Trial } from './check.ts'
export { runTrial } from './run.ts'
export { notOffered, selectChecks } from './select.ts'
