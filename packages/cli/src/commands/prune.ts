import { boolean } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import { isTerminal } from '@rt/native'
import type { RtCommand } from '../command.ts'
import { confirm } from '../confirm.ts'
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
    if (!flags.on('force')) {
      if (!isTerminal(0))
        throw new RtError('RT_USAGE', 'rt prune asks before it removes anything, and nobody is there to answer', {
          remedy: 'Use `rt prune -f`.',
          exitCode: 1,
        })
      if (!confirm('This removes all containers that do not run.')) return 0
    }
    const { outcomes, reclaimed } = await rt.prune()
    const removed = outcomes.some((outcome) => !('error' in outcome))
    if (removed) print('Deleted Containers:')
    const exitCode = printOutcomes(outcomes, ({ name }) => name)
    if (removed) print('')
    print(`Total reclaimed space: ${humanSize(reclaimed)}`)
    return exitCode
  },
}
