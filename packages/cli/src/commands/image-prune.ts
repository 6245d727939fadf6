import { boolean } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import { familiar, parseReference } from '@rt/images'
import { isTerminal } from '@rt/native'
import type { RtCommand } from '../command.ts'
import { confirm } from '../confirm.ts'
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
    if (!flags.on('force')) {
      if (!isTerminal(0))
        throw new RtError('RT_USAGE', 'rt image prune asks before it removes anything, and nobody is there to answer', {
          remedy: 'Use `rt image prune -f`.',
          exitCode: 1,
        })
      if (!confirm(`This removes all images ${all ? 'that no container is made of' : 'without a name'}.`)) return 0
    }
    const { untagged, deleted, reclaimed } = await rt.pruneImages({ all })
    if (deleted.length > 0) print('Deleted Images:')
    for (const name of untagged) print(`untagged: ${familiar(parseReference(name))}`)
    for (const id of deleted) print(`deleted: ${id}`)
    if (deleted.length > 0) print('')
    print(`Total reclaimed space: ${humanSize(reclaimed)}`)
    return 0
  },
}
