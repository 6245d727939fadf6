import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { printJson, printTable } from '../output.ts'

const ORIGINS = { config: 'config', added: 'rt drivers add', beside: 'beside rt' } as const

export const command: RtCommand = {
  summary: 'List the installed drivers',
  usage: '[OPTIONS]',
  flags: { json: boolean({ summary: 'as JSON' }) },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const rt = await runtime()
    const rows = rt.drivers.list().map(({ axis, name, package: from, installed }) => {
      const { value, source } = rt.config.driver(axis)
      return {
        axis,
        name,
        package: from,
        from: installed === undefined ? 'rt' : ORIGINS[installed.origin],
        ...(installed && { folder: installed.folder }),
        chosenBy: value === name ? source : '',
      }
    })
    if (flags.on('json')) printJson(rows)
    else
      printTable(
        ['AXIS', 'DRIVER', 'PACKAGE', 'FROM', 'CHOSEN BY'],
        rows.map((row) => [row.axis, row.name, row.package, row.from, row.chosenBy]),
      )
    return 0
  },
}
