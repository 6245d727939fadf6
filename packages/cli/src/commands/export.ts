import { string } from '@oclif/core/flags'
import { refuseTerminal } from '../archive-streams.ts'
import type { RtCommand } from '../command.ts'

export const command: RtCommand = {
  summary: "Write a container's whole root file system as a tar archive",
  description: 'Without what is mounted in it: volumes, /proc, /sys, /dev. `rt import` makes an image of it.',
  usage: '[-o FILE] CONTAINER',
  examples: ['rt export web | rt import - web-frozen', 'rt export -o web.tar web'],
  flags: { output: string({ char: 'o', summary: 'write to a file instead of standard output', helpValue: 'FILE' }) },
  words: { least: 1, most: 1 },
  run: async ({ flags, words: [container = ''], runtime }) => {
    const output = flags.text('output')
    const files = await (await runtime()).files()
    if (output === undefined) refuseTerminal('Use -o FILE, or redirect the output.')
    await files.export(container, output ?? 1)
    return 0
  },
}
