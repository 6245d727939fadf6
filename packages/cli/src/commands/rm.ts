import { boolean } from '@oclif/core/flags'
import { isRtError } from '@rt/driver-api'
import type { RtCommand } from '../command.ts'
import { printNames } from '../outcomes.ts'

const isAbsent = (error: unknown): boolean => isRtError(error) && error.code === 'RT_CONTAINER_UNKNOWN'

export const command: RtCommand = {
  summary: 'Remove containers',
  description: 'With what they have written, but for volumes. One that runs is only removed with -f.',
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  examples: ['rt rm web', 'rt rm -f $(rt ps -aq)'],
  flags: {
    force: boolean({ char: 'f', summary: 'kill running ones first; one that is not there is no failure' }),
    volumes: boolean({ char: 'v', summary: 'and its volumes without a name' }),
  },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    const force = flags.on('force')
    const outcomes = await rt.remove(words, { force, volumes: flags.on('volumes') })
    const exitCode = printNames(outcomes)
    // It is told, as Docker tells it, and all is as it was to be.
    return force && outcomes.every((outcome) => !('error' in outcome && !isAbsent(outcome.error))) ? 0 : exitCode
  },
}
