import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { printJson, printTable } from '../output.ts'
import { humanSize } from '../sizes.ts'

export const command: RtCommand = {
  summary: 'Show what rt has on disk, and what of it could go',
  usage: '[OPTIONS]',
  flags: { json: boolean({ summary: 'as JSON, in bytes' }) },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const usage = await (await runtime()).usage()
    if (flags.on('json')) {
      printJson(usage)
      return 0
    }
    const { images, containers, volumes, buildCache } = usage
    printTable(
      ['TYPE', 'TOTAL', 'ACTIVE', 'SIZE', 'RECLAIMABLE'],
      [
        ['Images', String(images.images), String(images.active), humanSize(images.size), part(images)],
        [
          'Containers',
          String(containers.count),
          String(containers.active),
          humanSize(containers.size),
          part(containers),
        ],
        ['Local Volumes', String(volumes.count), String(volumes.active), humanSize(volumes.size), part(volumes)],
        [
          'Build Cache',
          String(buildCache.count),
          String(buildCache.active),
          humanSize(buildCache.size),
          part(buildCache),
        ],
      ],
    )
    return 0
  },
}

const part = ({ size, reclaimable }: { readonly size: number; readonly reclaimable: number }): string =>
  `${humanSize(reclaimable)}${size === 0 ? '' : ` (${Math.round((reclaimable / size) * 100)}%)`}`
