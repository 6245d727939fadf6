import { program } from '@rt/native/throwaway'
import { agentCommand } from '../agent-command.ts'
import { ensure, type Trial } from '../check.ts'

/** Starts containers in as many processes at the same moment, and ends them when all have started. Answers what each says of its own. */
export const atOnce = async (trial: Trial, many: number): Promise<unknown[]> => {
  const ended = await Promise.all(Array.from({ length: many }, () => program(agentCommand('one', trial))))
  return ended.map(({ code, stdout, stderr }) => {
    const line = stdout.split('\n').find((each) => each.startsWith('one '))
    ensure(code === 0 && line !== undefined, `one of ${many} starts at once failed: ${stderr.trim() || stdout.trim()}`)
    return JSON.parse(line?.slice(4) ?? 'null')
  })
}
