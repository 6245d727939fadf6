import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { confirmed } from '../confirm.ts'
import { print } from '../output.ts'

export const command: RtCommand = {
  summary: 'Remove what builds have kept for the next one',
  description: "buildah's layers and base images, as far as rt has made them. Images of this store stay.",
  usage: '[OPTIONS]',
  flags: { force: boolean({ char: 'f', summary: 'do not ask' }) },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const rt = await runtime()
    if (!confirmed(flags, 'rt builder prune', 'This removes what builds have kept: the next one begins anew.')) return 0
    print((await rt.pruneBuilds()) ? 'The build cache is empty.' : 'There was no build cache.')
    return 0
  },
}
