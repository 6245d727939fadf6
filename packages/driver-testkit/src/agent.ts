import { mkdirSync } from 'node:fs'
import { createNetns } from '@rt/native'
import { makeHostHarmless, program, runGuarded, runInNewNamespaces } from '@rt/native/throwaway'
import { agentCommand, type Role } from './agent-command.ts'
import { hostState } from './bench/scratch.ts'
import type { AnyDriverClass, Outcome, Trial } from './check.ts'
import { IsolationBench } from './isolation/bench.ts'
import { NetworkBench } from './network/bench.ts'
import { makeInternet } from './network/reach.ts'
import { selectChecks } from './select.ts'
import { StorageBench } from './storage/bench.ts'

export type LoadClass = (file: string) => Promise<AnyDriverClass>

/**
 * Plays a part in a trial and answers the exit status. `guard` makes control groups and removes them; `outer` makes the namespaces and waits;
 * `inner` is the first process in them, runs the checks and says a line of each; `one` is one of many that start at the same moment.
 *
 * @param groups of `outer`: directories
 */
export const playAgent = async (
  role: Role,
  trial: Trial,
  load: LoadClass,
  groups: readonly string[] = [],
): Promise<number> => {
  if (role === 'guard') return runGuarded(agentCommand('outer', trial))
  if (role === 'outer') return runInNewNamespaces(agentCommand('inner', trial), groups)
  if (role === 'one') return startOne(await load(trial.module), trial)
  makeHostHarmless()
  return runChecks(trial, load)
}

const say = (outcome: Outcome): void => console.log(`check ${JSON.stringify(outcome)}`)

const runChecks = async (trial: Trial, load: LoadClass): Promise<number> => {
  if (trial.kind === 'net') mkdirSync('/run/check', { recursive: true })
  const internet = trial.kind === 'net' ? createNetns() : undefined
  const Driver = await load(trial.module)
  const bench = benchOf(Driver, trial)
  if (bench instanceof NetworkBench && internet) makeInternet(bench, internet)
  if (bench instanceof StorageBench) await bench.makeImage()
  if (trial.host !== undefined) {
    const { code, stderr } = await program(['sh', '-euc', trial.host])
    if (code !== 0) throw new Error(`the host of the trial could not be made: ${stderr.trim()}`)
  }
  bench.pristine = await hostState()
  let broken = 0
  for (const check of selectChecks(trial.kind, Driver, trial.options)) {
    if (trial.only && !trial.only.includes(check.name)) continue
    try {
      await check.run(bench)
      say({ name: check.name })
    } catch (error) {
      broken++
      say({ name: check.name, problem: error instanceof Error ? error.message : String(error) })
    }
  }
  return broken === 0 ? 0 : 1
}

const benchOf = (Driver: AnyDriverClass, trial: Trial): NetworkBench | StorageBench | IsolationBench => {
  if (trial.kind === 'net') return new NetworkBench(Driver, trial)
  return trial.kind === 'storage' ? new StorageBench(Driver, trial) : new IsolationBench(Driver, trial)
}

/** Starts one container and ends it. */
const startOne = async (Driver: AnyDriverClass, trial: Trial): Promise<number> => {
  const bench = benchOf(Driver, trial)
  let addresses: readonly string[] = []
  if (bench instanceof NetworkBench) {
    const connected = await bench.start()
    const { interfaces, unreachable } = connected.plan.attachment
    // What means something to itself alone may be what others have, too.
    addresses = (unreachable ? [] : interfaces).flatMap((each) => (each.name === 'lo' ? [] : each.addresses))
    // Until the others have theirs: one that has ended gives its address back.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    bench.end(connected)
  }
  if (bench instanceof StorageBench) {
    await bench.makeImage()
    const prepared = await bench.plan()
    bench.perform(prepared.plan.enter)
    bench.end(prepared)
    bench.remove(prepared)
  }
  console.log(`one ${JSON.stringify({ addresses })}`)
  return 0
}
