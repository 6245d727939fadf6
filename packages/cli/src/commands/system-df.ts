import { boolean } from '@oclif/core/flags'
import type { DetailedUsage } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { printJson, printTable } from '../output.ts'
import { humanSize } from '../sizes.ts'

export const command: RtCommand = {
  summary: 'Show what rt has on disk, and what of it could go',
  usage: '[OPTIONS]',
  flags: {
    json: boolean({ summary: 'as JSON, in bytes' }),
    verbose: boolean({ char: 'v', summary: 'every image, container and volume' }),
  },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const rt = await runtime()
    if (flags.on('verbose')) {
      if (flags.on('json')) printJson(named(await rt.detailedUsage()))
      else await (await import('../usage-tables.ts')).printUsageTables(rt)
      return 0
    }
    const usage = await rt.usage()
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

/** A container is named by what can be looked up elsewhere. */
const named = ({ containers, ...rest }: DetailedUsage): object => ({
  ...rest,
  containers: containers.map(({ container, ...usage }) => {
    const { id, name } = container.record
    return { id, name, ...usage }
  }),
})

const part = ({ size, reclaimable }: { readonly size: number; readonly reclaimable: number }): string =>
  `${humanSize(reclaimable)}${size === 0 ? '' : ` (${Math.round((reclaimable / size) * 100)}%)`}`
