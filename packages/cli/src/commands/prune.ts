import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { confirmed } from '../confirm.ts'
import { pruneFilterFlags } from '../flags/prune-filter.ts'
import { printOutcomes } from '../outcomes.ts'
import { print } from '../output.ts'
import { printPruned } from '../pruned-volumes.ts'
import { humanSize } from '../sizes.ts'

export const command: RtCommand = {
  summary: 'Remove all containers that do not run',
  usage: '[OPTIONS]',
  examples: ['rt prune -f --filter until=24h --filter label!=keep'],
  flags: {
    force: boolean({ char: 'f', summary: 'do not ask' }),
    volumes: boolean({ summary: 'and all unnamed volumes that no container has then' }),
    ...pruneFilterFlags,
  },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const rt = await runtime()
    const unnamed = flags.on('volumes') ? ', and all unnamed volumes that no container has then' : ''
    const filters = flags.texts('filter')
    const which = filters.length > 0 ? `, of which ${filters.join(' and ')} holds` : ''
    if (!confirmed(flags, 'rt prune', `This removes all containers that do not run${which}${unnamed}.`)) return 0
    const { outcomes, reclaimed } = await rt.prune(filters)
    const removed = outcomes.some((outcome) => !('error' in outcome))
    if (removed) print('Deleted Containers:')
    const exitCode = printOutcomes(outcomes, ({ name }) => name)
    if (removed) print('')
    if (flags.on('volumes'))
      return Math.max(exitCode, printPruned(await (await rt.volumes()).prune({ all: false }), reclaimed))
    print(`Total reclaimed space: ${humanSize(reclaimed)}`)
    return exitCode
  },
}
