import { program } from '@rt/native/throwaway'
import { agentCommand } from './agent-command.ts'
import { slow } from './bench/scratch.ts'
import type { Outcome, Trial } from './check.ts'

/** In milliseconds, for all checks together. */
const LIMIT = 120_000

/**
 * Tries a driver in namespaces that exist for that alone, on a host whose files are read-only, as root. Answers what was found, in order.
 *
 * @param tell is given each outcome as it comes
 * @throws Error where the trial itself could not be made, with what it said
 */
export const runTrial = async (trial: Trial, tell: (outcome: Outcome) => void = () => {}): Promise<Outcome[]> => {
  const outcomes: Outcome[] = []
  const onLine = (line: string): void => {
    if (!line.startsWith('check ')) return
    const outcome = JSON.parse(line.slice(6)) as Outcome
    outcomes.push(outcome)
    tell(outcome)
  }
  const { code, stderr } = await program(agentCommand('guard', trial), {
    ...{ onLine, timeout: LIMIT * slow(), endsByItself: true },
  })
  if (code > 1 || outcomes.length === 0 || (code === 1 && outcomes.every(({ problem }) => problem === undefined)))
    throw new Error(`the trial ended with status ${code}: ${stderr.trim() || 'it said nothing'}`)
  return outcomes
}
