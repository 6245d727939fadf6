import { string } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { printViews } from '../print-views.ts'
import { volumeView } from '../view/volume.ts'

export const command: RtCommand = {
  summary: 'Show everything that is known of volumes, as JSON',
  description:
    'Field names are Docker\u2019s. FORMAT is a path, Mountpoint, or a text with paths in braces, "{Name} {Mountpoint}".',
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  examples: ['rt volume inspect data', 'rt volume inspect --format Mountpoint data'],
  flags: {
    format: string({ char: 'f', summary: 'only one field, a text with fields or a template', helpValue: 'FORMAT' }),
  },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const volumes = await (await runtime()).volumes()
    return printViews(words, (name) => volumeView(volumes.inspect(name)), flags.text('format'))
  },
}
