import { string } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { printNames } from '../outcomes.ts'

export const command: RtCommand = {
  summary: 'Send a signal to containers, SIGKILL where none is named',
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  examples: ['rt kill web', 'rt kill -s HUP web'],
  flags: { signal: string({ char: 's', summary: 'a name or a number', helpValue: 'SIGNAL' }) },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    return printNames(await rt.kill(words, flags.text('signal')))
  },
}
