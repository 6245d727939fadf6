import { boolean, string } from '@oclif/core/flags'
import { canonical, familiar, parseReference } from '@rt/images'
import type { RtCommand } from '../command.ts'
import { complain, print } from '../output.ts'
import { pullProgress } from '../pull-progress.ts'

export const command: RtCommand = {
  summary: 'Fetch an image from its registry',
  description:
    'What is here already is not fetched again; what a cut connection left is gone on with. `rt run` pulls by itself what is not here.',
  usage: '[OPTIONS] NAME[:TAG|@DIGEST]',
  examples: ['rt pull alpine', 'rt pull --platform=linux/arm64 ghcr.io/owner/app:1.2'],
  flags: {
    platform: string({ summary: 'where the image is there for several', helpValue: 'OS/ARCH[/VARIANT]' }),
    quiet: boolean({ char: 'q', summary: 'print only the name' }),
  },
  words: { least: 1, most: 1 },
  run: async ({ flags, words: [name = ''], runtime }) => {
    const rt = await runtime()
    const reference = parseReference(name)
    const quiet = flags.on('quiet')
    const platform = flags.text('platform')
    const { digest, upToDate } = await rt.pullImage(name, {
      ...(platform !== undefined && { platform }),
      ...(!quiet && pullProgress(1)),
      onWarning: (text) => complain(`rt: ${text}`),
    })
    if (!quiet) {
      print(`Digest: ${digest}`)
      print(`Status: ${upToDate ? 'Image is up to date for' : 'Downloaded newer image for'} ${familiar(reference)}`)
    }
    print(canonical(reference))
    return 0
  },
}
