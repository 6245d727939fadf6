import type { RtCommand } from '../command.ts'

export const command: RtCommand = {
  summary: 'Take away what all containers share, and put the host back as it was found',
  description:
    'Bridges, firewall rules and sysctls that rt made or changed. Containers, images and the definitions of networks stay.',
  usage: '',
  flags: {},
  words: { least: 0, most: 0 },
  run: async ({ runtime }) => {
    await (await runtime()).reset()
    return 0
  },
}
