import type { RtCommand } from '../command.ts'
import { printOutcomes } from '../outcomes.ts'

export const command: RtCommand = {
  summary: 'Wait until containers have ended and print their exit statuses',
  usage: 'CONTAINER [CONTAINER...]',
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
