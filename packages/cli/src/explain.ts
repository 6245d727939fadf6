import { explainStep, toScript } from '@rt/native/explain'
import { type ContainerPlan, explainInput, type Runtime } from '@rt/runtime'

const title = (words: readonly string[]): string => `rt run ${words.join(' ')}`

/** The whole plan as a bash script, line by line. */
export const explain = async (rt: Runtime, words: readonly string[], plan: ContainerPlan): Promise<string[]> =>
  toScript(await explainInput(rt.layout, title(words), plan))
    .trimEnd()
    .split('\n')

/** One line a step: where it happens, what is done, why. */
export const summarize = async (rt: Runtime, words: readonly string[], plan: ContainerPlan): Promise<string[]> => {
  const { host, sandbox, leave } = await explainInput(rt.layout, title(words), plan)
  const line = (step: (typeof host)[number] | (typeof sandbox)[number]): string => {
    const { why, commands } = explainStep(step)
    return `${step.where.padEnd(8)} ${step.op.padEnd(20)} ${why}${commands.length === 0 ? '' : `  # ${commands[0]}`}`
  }
  return [
    `${title(words)}: ${host.length + sandbox.length} steps, nothing was done`,
    ...[...host, ...sandbox].map(line),
    'when it ends:',
    ...leave.map(line),
  ]
}
