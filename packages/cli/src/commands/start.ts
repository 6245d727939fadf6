import { boolean } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import type { RtCommand } from '../command.ts'
import { clientFlags, clientOptions } from '../flags/stream.ts'
import { handlers } from '../handlers.ts'
import { print } from '../output.ts'
import { startEach } from '../start-each.ts'

export const command: RtCommand = {
  summary: 'Start containers that have stopped, with their files as they were left',
  description:
    'In the background, with the terminal and the limits that they were made with; -ai in the foreground, as `rt run` would be.',
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  examples: ['rt start box', 'rt start -ai box'],
  flags: {
    attach: boolean({ char: 'a', summary: 'in the foreground, with its output and its exit status' }),
    interactive: boolean({ char: 'i', summary: 'in the foreground, with standard input as well' }),
    ...clientFlags,
  },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    const options = { attach: flags.on('attach'), interactive: flags.on('interactive') }
    const foreground = options.attach || options.interactive
    const [name = '', ...others] = words
    if (others.length > 0) {
      if (foreground)
        throw new RtError('RT_USAGE', 'Only one container can be started in the foreground', {
          remedy: 'Leave out -a and -i, or name one container.',
        })
      return startEach(rt, words)
    }
    const client = clientOptions(flags)
    const { record } = await rt.inPlace.start(name, options, { ...handlers(rt, { failure: 1 }), client })
    if (foreground)
      throw new RtError('RT_CONTAINER_RUNNING', `The container ${record.name} is already running`, {
        remedy: `Use \`rt attach ${record.name}\`.`,
      })
    print(name)
    return 0
  },
}
