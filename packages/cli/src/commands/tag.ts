import { requireRoot } from '@rt/runtime'
import type { RtCommand } from '../command.ts'

export const command: RtCommand = {
  summary: 'Give an image another name',
  description: 'It keeps those that it has. Whatever had the new name loses it.',
  usage: 'IMAGE NAME[:TAG]',
  examples: ['rt tag app:1 registry.example:5000/team/app:1'],
  flags: {},
  words: { least: 2, most: 2 },
  run: async ({ words: [source = '', target = ''], runtime }) => {
    const rt = await runtime()
    requireRoot()
    await rt.images.tag(source, target)
    return 0
  },
}
