import { RtError } from '@rt/driver-api'
import { lookAtPorts } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { print } from '../output.ts'

export const command: RtCommand = {
  summary: 'Show which ports of the host lead into a container',
  usage: 'CONTAINER [PORT[/PROTOCOL]]',
  examples: ['rt port web', 'rt port web 80/tcp'],
  flags: {},
  words: { least: 1, most: 2 },
  run: async ({ words: [name = '', wanted], runtime }) => {
    const { portLines } = await lookAtPorts()
    const lines = portLines((await runtime()).find(name), wanted)
    if (wanted !== undefined && lines.length === 0)
      throw new RtError('RT_USAGE', `The container ${name} publishes no port ${wanted}.`, {
        remedy: `See what it does publish with \`rt port ${name}\`.`,
        exitCode: 1,
      })
    for (const line of lines) print(line)
    return 0
  },
}
