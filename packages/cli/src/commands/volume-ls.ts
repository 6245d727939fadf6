import { boolean } from '@oclif/core/flags'
import type { SeenVolume } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { labelText, listingFlags } from '../flags/listing.ts'
import { type Column, printFormatted, type Row } from '../format.ts'
import { print, printJson } from '../output.ts'
import { volumeView } from '../view/volume.ts'

const COLUMNS: readonly Column[] = [
  { field: 'Driver', header: 'DRIVER' },
  { field: 'Name', header: 'VOLUME NAME' },
  { field: 'Scope', header: 'SCOPE' },
  { field: 'Mountpoint', header: 'MOUNTPOINT' },
  { field: 'Labels', header: 'LABELS' },
  { field: 'Links', header: 'LINKS' },
]

const row = ({ name, mountpoint, labels, users }: SeenVolume): Row => ({
  Driver: () => 'local',
  Name: () => name,
  Scope: () => 'local',
  Mountpoint: () => mountpoint,
  Labels: () => labelText(labels),
  Label: (name = '') => labels[name] ?? '',
  Links: () => String(users.length),
})

export const command: RtCommand = {
  summary: 'List volumes',
  description:
    'FORMAT is a template as Docker takes it, json, "table FIELD,FIELD" or a text with {Field} in it. Fields: Driver, Name, Scope, Mountpoint, Labels, Links (how many containers have it).',
  usage: '[OPTIONS]',
  examples: ['rt volume ls --filter dangling=true', "rt volume ls --format '{Name}: {Links}'"],
  flags: {
    quiet: boolean({ char: 'q', summary: 'names only' }),
    ...listingFlags('name, label, driver or dangling (no container has it)'),
  },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const volumes = await (await runtime()).volumes()
    const seen = volumes.list(volumes.filters(flags.texts('filter')))
    if (flags.on('json')) printJson(seen.map(volumeView))
    else if (flags.on('quiet')) for (const { name } of seen) print(name)
    else await printFormatted(flags.text('format'), 'table Driver,Name', COLUMNS, seen.map(row))
    return 0
  },
}
