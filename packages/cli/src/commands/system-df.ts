import { boolean, string } from '@oclif/core/flags'
import type { DetailedUsage } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { type Column, printFormatted, type Row } from '../format.ts'
import { printJson } from '../output.ts'
import { humanSize } from '../sizes.ts'

const COLUMNS: readonly Column[] = [
  { field: 'Type', header: 'TYPE' },
  { field: 'TotalCount', header: 'TOTAL' },
  { field: 'Active', header: 'ACTIVE' },
  { field: 'Size', header: 'SIZE' },
  { field: 'Reclaimable', header: 'RECLAIMABLE' },
]

export const command: RtCommand = {
  summary: 'Show what rt has on disk, and what of it could go',
  description:
    'FORMAT is a template as Docker takes it, json, "table FIELD,FIELD" or a text with {Field} in it. Fields: Type, TotalCount, Active, Size, Reclaimable.',
  usage: '[OPTIONS]',
  flags: {
    format: string({ summary: 'json, a table of chosen fields, or a text', helpValue: 'FORMAT' }),
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
    await printFormatted(flags.text('format'), 'table Type,TotalCount,Active,Size,Reclaimable', COLUMNS, [
      row('Images', images.images, images),
      row('Containers', containers.count, containers),
      row('Local Volumes', volumes.count, volumes),
      row('Build Cache', buildCache.count, buildCache),
    ])
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

interface Part {
  readonly active: number
  /** Bytes. */
  readonly size: number
  readonly reclaimable: number
}

const row = (type: string, count: number, { active, size, reclaimable }: Part): Row => ({
  Type: () => type,
  TotalCount: () => String(count),
  Active: () => String(active),
  Size: () => humanSize(size),
  Reclaimable: () => `${humanSize(reclaimable)}${size === 0 ? '' : ` (${Math.round((reclaimable / size) * 100)}%)`}`,
})
