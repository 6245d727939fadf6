import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { confirmed } from '../confirm.ts'
import { pruneFilterFlags } from '../flags/prune-filter.ts'
import { print } from '../output.ts'
import { printPrunedImages } from '../pruned-images.ts'
import { humanSize } from '../sizes.ts'

export const command: RtCommand = {
  summary: 'Remove images that have no name',
  description: 'Also what crashes and fetches that were cut off have left. Images that containers are made of stay.',
  usage: '[OPTIONS]',
  flags: {
    all: boolean({ char: 'a', summary: 'all images that no container is made of' }),
    force: boolean({ char: 'f', summary: 'do not ask' }),
    ...pruneFilterFlags,
  },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const rt = await runtime()
    const all = flags.on('all')
    const filters = flags.texts('filter')
    const held = filters.length > 0 ? `, of which ${filters.join(' and ')} holds` : ''
    const which = `${all ? 'that no container is made of' : 'without a name'}${held}`
    if (!confirmed(flags, 'rt image prune', `This removes all images ${which}.`)) return 0
    const pruned = await rt.pruneImages({ all, filters })
    printPrunedImages(pruned)
    print(`Total reclaimed space: ${humanSize(pruned.reclaimed)}`)
    return 0
  },
}
