import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { confirmed } from '../confirm.ts'
import { printOutcomes } from '../outcomes.ts'
import { print } from '../output.ts'
import { humanSize } from '../sizes.ts'

export const command: RtCommand = {
  summary: 'Remove all containers that do not run',
  usage: '[OPTIONS]',
  flags: { force: boolean({ char: 'f', summary: 'do not ask' }) },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const rt = await runtime()
    if (!confirmed(flags, 'rt prune', 'This removes all containers that do not run.')) return 0
    const { outcomes, reclaimed } = await rt.prune()
    const removed = outcomes.some((outcome) => !('error' in outcome))
    if (removed) print('Deleted Containers:')
    const exitCode = printOutcomes(outcomes, ({ name }) => name)
    if (removed) print('')
    print(`Total reclaimed space: ${humanSize(reclaimed)}`)
    return exitCode
  },
}
