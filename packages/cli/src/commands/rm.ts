import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { printNames } from '../outcomes.ts'

export const command: RtCommand = {
  summary: 'Remove containers',
  description: 'With what they have written, but for volumes. One that runs is only removed with -f.',
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  examples: ['rt rm web', 'rt rm -f $(rt ps -aq)'],
  flags: {
    force: boolean({ char: 'f', summary: 'kill running ones first' }),
    volumes: boolean({ char: 'v', summary: 'and its volumes without a name' }),
  },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    return printNames(await rt.remove(words, { force: flags.on('force'), volumes: flags.on('volumes') }))
  },
}
