import type { RtCommand } from '../command.ts'
import { stopFlags, stopOptions } from '../flags/stop.ts'
import { printNames } from '../outcomes.ts'

export const command: RtCommand = {
  summary: 'Stop containers: a signal that asks them, and SIGKILL when they do not listen',
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  examples: ['rt stop web db', 'rt stop -t 60 db'],
  flags: stopFlags,
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    return printNames(await rt.stop(words, stopOptions(flags)))
  },
}
