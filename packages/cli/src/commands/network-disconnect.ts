import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { tell } from '../tell.ts'

export const command: RtCommand = {
  summary: 'Take a container out of a network',
  description:
    'A running one at once; any for its next starts. Published ports that led through its first network lead through the next one.',
  usage: '[OPTIONS] NETWORK CONTAINER',
  examples: ['rt network disconnect db web'],
  flags: { force: boolean({ char: 'f', summary: 'even where a part of it cannot be undone' }) },
  words: { least: 2, most: 2 },
  run: async ({ flags, words: [network = '', container = ''], runtime }) => {
    const networks = await (await runtime()).networks()
    await networks.disconnect(network, container, { force: flags.on('force'), tell })
    return 0
  },
}
