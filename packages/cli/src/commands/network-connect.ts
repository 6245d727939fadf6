import { string } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { many } from '../flags/many.ts'

export const command: RtCommand = {
  summary: 'Connect a container to one more network',
  description: 'A running one at once, as its next interface; any for its next starts.',
  usage: '[OPTIONS] NETWORK CONTAINER',
  examples: ['rt network connect db web', 'rt network connect --ip=10.5.0.9 --alias=cache db web'],
  flags: {
    ip: string({ summary: 'its IPv4 address there', helpValue: 'ADDRESS' }),
    ip6: string({ summary: 'its IPv6 address there', helpValue: 'ADDRESS' }),
    'mac-address': string({ summary: 'its MAC address there', helpValue: 'ADDRESS' }),
    alias: string({
      summary: 'one more name that it has there',
      helpValue: 'NAME',
      ...many,
    }),
  },
  words: { least: 2, most: 2 },
  run: async ({ flags, words: [name = '', container = ''], runtime }) => {
    const aliases = flags.texts('alias')
    const [ip, ip6, mac] = ['ip', 'ip6', 'mac-address'].map((flag) => flags.text(flag))
    const networks = await (await runtime()).networks()
    await networks.connect(
      {
        name,
        ...(aliases.length > 0 && { aliases }),
        ...(ip !== undefined && { ip }),
        ...(ip6 !== undefined && { ip6 }),
        ...(mac !== undefined && { mac }),
      },
      container,
    )
    return 0
  },
}
