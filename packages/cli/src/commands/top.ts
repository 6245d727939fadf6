import { boolean } from '@oclif/core/flags'
import { lookAtTop } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { printJson, printTable } from '../output.ts'

export const command: RtCommand = {
  summary: 'Show the processes of a container',
  description: 'With the host\u2019s pids. The options are those of ps: -ef, aux, or -o with names of columns.',
  usage: '[OPTIONS] CONTAINER [PS OPTIONS]',
  examples: ['rt top web', 'rt top web -o pid,user,cmd'],
  flags: { json: boolean({ summary: 'as JSON, with Docker\u2019s field names' }) },
  words: { least: 1, most: Number.POSITIVE_INFINITY, stopAtWord: true },
  run: async ({ flags, words: [name = '', ...options], runtime }) => {
    const { top } = await lookAtTop()
    const { titles, processes } = await top(await runtime(), name, options)
    if (flags.on('json')) printJson({ Titles: titles, Processes: processes })
    else printTable(titles, processes)
    return 0
  },
}
