import { string } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import { parseLabels } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { many } from '../flags/many.ts'
import { print } from '../output.ts'

export const command: RtCommand = {
  summary: 'Make a volume: a directory that outlives containers',
  description:
    'Its first container fills it with what its image has at that place. One that is there already is left as it is. Without a name it gets one, and counts as unnamed for `rt volume prune`.',
  usage: '[OPTIONS] [VOLUME]',
  examples: ['rt volume create data', 'rt volume create --label keep=yes data'],
  flags: {
    driver: string({ char: 'd', summary: 'local, the only one', helpValue: 'DRIVER' }),
    label: string({ summary: 'metadata of your own', helpValue: 'KEY[=VALUE]', ...many }),
    opt: string({ char: 'o', hidden: true, ...many }),
    name: string({ hidden: true }),
  },
  words: { least: 0, most: 1 },
  run: async ({ flags, words: [word], runtime }) => {
    const name = word ?? flags.text('name')
    if (word !== undefined && flags.text('name') !== undefined)
      throw new RtError('RT_USAGE', 'The volume was given two names', { remedy: 'Leave --name out.', exitCode: 1 })
    const driver = flags.text('driver')
    const volumes = await (await runtime()).volumes()
    const record = await volumes.create({
      ...(name !== undefined && { name }),
      ...(driver !== undefined && { driver }),
      options: flags.texts('opt'),
      labels: parseLabels([], flags.texts('label')),
    })
    print(record.name)
    return 0
  },
}
