import { string } from '@oclif/core/flags'
import type { ArchiveFormat } from '@rt/images'
import { refuseTerminal } from '../archive-streams.ts'
import type { RtCommand } from '../command.ts'

export const command: RtCommand = {
  summary: 'Write images as one archive',
  description:
    'With all their layers and names. docker-archive, the default, is read by `docker load`, and is an OCI layout as well; oci-archive is only that.',
  usage: '[-o FILE] [--format=FORMAT] IMAGE [IMAGE...]',
  examples: ['rt save app:1 | ssh host rt load', 'rt save -o images.tar app:1 busybox'],
  flags: {
    output: string({ char: 'o', summary: 'write to a file instead of standard output', helpValue: 'FILE' }),
    format: string({
      summary: 'docker-archive or oci-archive',
      helpValue: 'FORMAT',
      options: ['docker-archive', 'oci-archive'],
    }),
  },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const output = flags.text('output')
    const rt = await runtime()
    if (output === undefined) refuseTerminal('Use -o FILE, or redirect the output.')
    // One of both by the flag's own definition.
    const format = (flags.text('format') ?? 'docker-archive') as ArchiveFormat
    await rt.saveImages(words, format, output ?? 1)
    return 0
  },
}
