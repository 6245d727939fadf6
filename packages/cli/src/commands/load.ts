import { createReadStream } from 'node:fs'
import { boolean, string } from '@oclif/core/flags'
import { familiar, parseReference } from '@rt/images'
import { requireRoot } from '@rt/runtime'
import { openArchive, standardInput } from '../archive-streams.ts'
import type { RtCommand } from '../command.ts'
import { complain, print } from '../output.ts'

export const command: RtCommand = {
  summary: 'Bring in the images of an archive',
  description: 'What `docker save`, `podman save`, `skopeo copy` and `rt save` write, plain or compressed.',
  usage: '[OPTIONS]',
  examples: ['rt load -i images.tar', 'docker save app:1 | rt load'],
  flags: {
    input: string({ char: 'i', summary: 'read a file instead of standard input', helpValue: 'FILE' }),
    platform: string({ summary: 'where an image is there for several', helpValue: 'OS/ARCH[/VARIANT]' }),
    quiet: boolean({ char: 'q', summary: 'print only names, or ids of what has none' }),
  },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const rt = await runtime()
    requireRoot()
    const input = flags.text('input')
    const source =
      input === undefined || input === '-'
        ? standardInput('rt load')
        : createReadStream(input, {
            fd: openArchive(input, 'Check the path, or pipe the archive in.'),
            highWaterMark: 1 << 18,
          })
    const platform = flags.text('platform')
    const images = await rt.images.load(source, {
      ...(platform !== undefined && { platform }),
      onWarning: (text) => complain(`rt: ${text}`),
    })
    const quiet = flags.on('quiet')
    for (const { id, reference } of images) {
      if (reference === undefined) print(quiet ? id : `Loaded image ID: ${id}`)
      else print(`${quiet ? '' : 'Loaded image: '}${familiar(parseReference(reference))}`)
    }
    return 0
  },
}
