import { boolean } from '@oclif/core/flags'
import { shortId } from '@rt/driver-api'
import type { SeenNetwork } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { labelText, listingFlags } from '../flags/listing.ts'
import { type Column, printFormatted, type Row } from '../format.ts'
import { print, printJson } from '../output.ts'
import { goTime } from '../time.ts'

const COLUMNS: readonly Column[] = [
  { field: 'ID', header: 'NETWORK ID' },
  { field: 'Name', header: 'NAME' },
  { field: 'Driver', header: 'DRIVER' },
  { field: 'Scope', header: 'SCOPE' },
  { field: 'IPv6', header: 'IPV6' },
  { field: 'Internal', header: 'INTERNAL' },
  { field: 'Labels', header: 'LABELS' },
  { field: 'CreatedAt', header: 'CREATED AT' },
]

const row = ({ id, name, driver, created, labels, definition }: SeenNetwork, truncate: boolean): Row => ({
  ID: () => (truncate ? shortId(id) : id),
  Name: () => name,
  Driver: () => driver,
  Scope: () => 'local',
  IPv6: () => String(definition?.ipv6 ?? false),
  Internal: () => String(definition?.internal ?? false),
  Labels: () => labelText(labels),
  Label: (name = '') => labels[name] ?? '',
  CreatedAt: () => (created === undefined ? '' : goTime(created, { fraction: true })),
})

export const command: RtCommand = {
  summary: 'List networks',
  description:
    'The drivers\' own and those that were created. FORMAT is a template as Docker takes it, json, "table FIELD,FIELD" or a text with {Field} in it. Fields: ID, Name, Driver, Scope, IPv6, Internal, Labels, CreatedAt.',
  usage: '[OPTIONS]',
  examples: ['rt network ls --filter driver=bridge', "rt network ls --format '{Name}: {Driver}'"],
  flags: {
    quiet: boolean({ char: 'q', summary: 'ids only' }),
    'no-trunc': boolean({ summary: 'whole ids' }),
    ...listingFlags('id, name, driver, label, type (custom, builtin) or dangling'),
  },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const networks = await (await runtime()).networks()
    const seen = networks.list(networks.filters(flags.texts('filter')))
    const truncate = !flags.on('no-trunc')
    if (flags.on('json')) printJson(seen)
    else if (flags.on('quiet')) for (const { id } of seen) print(truncate ? shortId(id) : id)
    else
      await printFormatted(
        flags.text('format'),
        'table ID,Name,Driver,Scope',
        COLUMNS,
        seen.map((network) => row(network, truncate)),
      )
    return 0
  },
}
