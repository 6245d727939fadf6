import type { RtCommand } from '../command.ts'
import { printOutcomes } from '../outcomes.ts'

export const command: RtCommand = {
  summary: 'Wait until containers have ended and print their exit statuses',
  description:
    'One line for each, in the order of the names. A container that a restart policy starts again is waited for to its first end. The exit status of a foreground `rt run --rm` without a terminal goes to its caller only: waiting for that one ends with an error.',
  usage: 'CONTAINER [CONTAINER...]',
  examples: ['rt wait job1 job2'],
  flags: {},
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ words, runtime }) => {
    const rt = await runtime()
    let exitCode = 0
    await rt.wait(words, (outcome) => {
      exitCode |= printOutcomes([outcome], (ended) => ('value' in ended ? String(ended.value) : ''))
    })
    return exitCode
  },
}
