import { boolean } from '@oclif/core/flags'
import { familiarName, type PushProgress, parseReference } from '@rt/images'
import type { RtCommand } from '../command.ts'
import { LayerLines } from '../layer-lines.ts'
import { print } from '../output.ts'

const STATES: Readonly<Record<PushProgress['state'], string>> = {
  compressing: 'Compressing',
  sending: 'Pushing',
  exists: 'Layer already exists',
  mounted: 'Mounted from another repository',
  done: 'Pushed',
}

export const command: RtCommand = {
  summary: 'Give an image to its registry',
  description: 'The name says to which one: `rt tag` gives an image another. Layers that are there are not sent.',
  usage: '[OPTIONS] NAME[:TAG]',
  examples: ['rt tag app registry.example/team/app:1 && rt push registry.example/team/app:1'],
  flags: { quiet: boolean({ char: 'q', summary: 'print only the digest' }) },
  words: { least: 1, most: 1 },
  run: async ({ flags, words: [name = ''], runtime }) => {
    const rt = await runtime()
    const reference = parseReference(name)
    const quiet = flags.on('quiet')
    const lines = new LayerLines<PushProgress['state']>(1, STATES, 'sending')
    if (!quiet) print(`Pushing to ${familiarName(reference)}`)
    const { digest } = await rt.pushImage(name, quiet ? {} : { onProgress: lines.show })
    print(quiet ? digest : `${reference.tag}: digest: ${digest}`)
    return 0
  },
}
