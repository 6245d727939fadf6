import { boolean, string } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { confirmed } from '../confirm.ts'
import { many } from '../flags/many.ts'
import { printPruned } from '../pruned-volumes.ts'

export const command: RtCommand = {
  summary: 'Remove all unnamed volumes that no container has',
  usage: '[OPTIONS]',
  examples: ['rt volume prune -f', 'rt volume prune --all --filter label!=keep'],
  flags: {
    all: boolean({ char: 'a', summary: 'named ones, too' }),
    force: boolean({ char: 'f', summary: 'do not ask' }),
    filter: string({
      summary: 'label=KEY[=VALUE] or label!=KEY[=VALUE]',
      helpValue: 'KEY=VALUE',
      ...many,
    }),
  },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const volumes = await (await runtime()).volumes()
    const all = flags.on('all')
    const filters = volumes.pruneFilters(flags.texts('filter'))
    const warning = `This removes all ${all ? '' : 'unnamed '}volumes that no container has.`
    if (!confirmed(flags, 'rt volume prune', warning)) return 0
    return printPruned(await volumes.prune({ all, filters }))
  },
}
