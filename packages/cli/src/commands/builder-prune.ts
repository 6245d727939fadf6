import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { confirmed } from '../confirm.ts'
import { print } from '../output.ts'
import { humanSize } from '../sizes.ts'

export const command: RtCommand = {
  summary: 'Remove what builds have kept for the next one',
  description:
    "buildah's layers and base images, as far as rt has made them. Images of this store stay. Not while a build is under way.",
  usage: '[OPTIONS]',
  flags: { force: boolean({ char: 'f', summary: 'do not ask' }) },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const rt = await runtime()
    if (!confirmed(flags, 'rt builder prune', 'This removes what builds have kept: the next one begins anew.')) return 0
    print(`Total reclaimed space: ${humanSize(await rt.pruneBuilds())}`)
    return 0
  },
}
