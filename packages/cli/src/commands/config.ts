import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { driverFlags } from '../flags/driver.ts'
import { printJson, printTable } from '../output.ts'

export const command: RtCommand = {
  summary: 'Show every setting and where it comes from',
  usage: '[OPTIONS]',
  flags: { ...driverFlags, json: boolean({ summary: 'as JSON' }) },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const entries = (await runtime()).config.entries()
    if (flags.on('json')) printJson(Object.fromEntries(entries))
    else
      printTable(
        ['SETTING', 'VALUE', 'FROM'],
        entries.map(([key, { value, source }]) => [
          key,
          typeof value === 'string' ? value : JSON.stringify(value),
          source,
        ]),
      )
    return 0
  },
}
