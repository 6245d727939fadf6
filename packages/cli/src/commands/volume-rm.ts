import { boolean } from '@oclif/core/flags'
import { isRtError } from '@rt/driver-api'
import type { RtCommand } from '../command.ts'
import { printNames } from '../outcomes.ts'

export const command: RtCommand = {
  summary: 'Remove volumes with all that is in them',
  description: 'One that a container has, running or not, stays.',
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  examples: ['rt volume rm data', 'rt volume rm $(rt volume ls -q --filter dangling=true)'],
  flags: { force: boolean({ char: 'f', summary: 'one that is not there is no error' }) },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const outcomes = await (await (await runtime()).volumes()).remove(words)
    const absent = (error: unknown): boolean => isRtError(error) && error.code === 'RT_VOLUME_UNKNOWN'
    return printNames(
      flags.on('force') ? outcomes.filter((outcome) => !('error' in outcome && absent(outcome.error))) : outcomes,
    )
  },
}
