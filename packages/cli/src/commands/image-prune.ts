import { boolean } from '@oclif/core/flags'
import { familiar, parseReference } from '@rt/images'
import type { RtCommand } from '../command.ts'
import { confirmed } from '../confirm.ts'
import { print } from '../output.ts'
import { humanSize } from '../sizes.ts'

export const command: RtCommand = {
  summary: 'Remove images that have no name',
  description: 'Also what crashes and fetches that were cut off have left. Images that containers are made of stay.',
  usage: '[OPTIONS]',
  flags: {
    all: boolean({ char: 'a', summary: 'all images that no container is made of' }),
    force: boolean({ char: 'f', summary: 'do not ask' }),
  },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const rt = await runtime()
    const all = flags.on('all')
    const which = all ? 'that no container is made of' : 'without a name'
    if (!confirmed(flags, 'rt image prune', `This removes all images ${which}.`)) return 0
    const { untagged, deleted, reclaimed } = await rt.pruneImages({ all })
    if (deleted.length > 0) print('Deleted Images:')
    for (const name of untagged) print(`untagged: ${familiar(parseReference(name))}`)
    for (const id of deleted) print(`deleted: ${id}`)
    if (deleted.length > 0) print('')
    print(`Total reclaimed space: ${humanSize(reclaimed)}`)
    return 0
  },
}
