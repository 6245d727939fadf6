import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { confirmed } from '../confirm.ts'
import { pruneFilterFlags } from '../flags/prune-filter.ts'
import { printOutcomes } from '../outcomes.ts'
import { print } from '../output.ts'

export const command: RtCommand = {
  summary: 'Remove all networks that no running container is connected to',
  usage: '[OPTIONS]',
  flags: { force: boolean({ char: 'f', summary: 'do not ask' }), ...pruneFilterFlags },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const networks = await (await runtime()).networks()
    const filters = flags.texts('filter')
    const which = filters.length > 0 ? `, and of which ${filters.join(' and ')} holds` : ''
    const warning = `This removes all networks that no running container is connected to${which}.`
    if (!confirmed(flags, 'rt network prune', warning)) return 0
    const outcomes = await networks.prune(filters)
    if (outcomes.some((outcome) => !('error' in outcome))) print('Deleted Networks:')
    return printOutcomes(outcomes, ({ name }) => name)
  },
}
