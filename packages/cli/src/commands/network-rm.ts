import { boolean } from '@oclif/core/flags'
import { isRtError } from '@rt/driver-api'
import type { RtCommand } from '../command.ts'
import { printNames } from '../outcomes.ts'

export const command: RtCommand = {
  summary: 'Remove networks',
  description: 'With all that they have on this host. One that a running container is connected to stays.',
  usage: '[OPTIONS] NETWORK [NETWORK...]',
  examples: ['rt network rm web db'],
  flags: { force: boolean({ char: 'f', summary: 'one that is not there is no error' }) },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const outcomes = await (await (await runtime()).networks()).remove(words)
    const absent = (error: unknown): boolean => isRtError(error) && error.code === 'RT_NET_UNKNOWN'
    return printNames(
      flags.on('force') ? outcomes.filter((outcome) => !('error' in outcome && absent(outcome.error))) : outcomes,
    )
  },
}
