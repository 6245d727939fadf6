import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { printJson, printTable } from '../output.ts'

const ORIGINS = { config: 'config', added: 'rt drivers add', beside: 'beside rt' } as const

export const command: RtCommand = {
  summary: 'List the installed drivers',
  description:
    'What can be seen to be wrong with one (its manifest, the version of the contract, a missing file, who may write to it) is said beside it; none of them is loaded for that. `rt drivers verify` says more.',
  usage: '[OPTIONS]',
  flags: { json: boolean({ summary: 'as JSON' }) },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const rt = await runtime()
    const { problemOf } = await rt.manageDrivers()
    const rows = rt.drivers.list().map(({ axis, name, package: from, installed }) => {
      const { value, source } = rt.config.driver(axis)
      const problem = installed && problemOf(installed)
      return {
        axis,
        name,
        package: from,
        from: installed === undefined ? 'rt' : ORIGINS[installed.origin],
        ...(installed && { folder: installed.folder }),
        chosenBy: value === name ? source : '',
        ...(problem && { problem: { code: problem.code, message: problem.message, remedy: problem.remedy } }),
      }
    })
    if (flags.on('json')) printJson(rows)
    else {
      const broken = rows.some(({ problem }) => problem)
      const told = ({ problem }: (typeof rows)[number]) => (problem ? `${problem.message} [${problem.code}]` : '')
      printTable(
        ['AXIS', 'DRIVER', 'PACKAGE', 'FROM', 'CHOSEN BY', ...(broken ? ['PROBLEM'] : [])],
        rows.map((row) => [row.axis, row.name, row.package, row.from, row.chosenBy, ...(broken ? [told(row)] : [])]),
      )
    }
    return 0
  },
}
