import { setTimeout as sleep } from 'node:timers/promises'
import { boolean, string } from '@oclif/core/flags'
import { isTerminal } from '@rt/native'
import { lookAtStats, type Stats } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { printFormatted } from '../format.ts'
import { printJson, write } from '../output.ts'
import { STATS_COLUMNS, STATS_TABLE, statsRow } from '../view/stats-row.ts'

/** Milliseconds between two looks, as in Docker: what the kernel counts has no events. */
const INTERVAL = 1000

const CLEAR = '\x1b[2J\x1b[H'

export const command: RtCommand = {
  summary: 'Show what containers use, again every second',
  description:
    'CPU use is of one CPU: 200 % is two of them. FORMAT is a template as Docker takes it, json, "table FIELD,FIELD" or a text with {Field} in it. Fields: Container, ID, Name, CPUPerc, MemUsage, MemPerc, NetIO, BlockIO, PIDs.',
  usage: '[OPTIONS] [CONTAINER...]',
  examples: ['rt stats', 'rt stats --no-stream --json web'],
  flags: {
    all: boolean({ char: 'a', summary: 'also those that do not run' }),
    'no-stream': boolean({ summary: 'only once' }),
    'no-trunc': boolean({ summary: 'whole ids' }),
    format: string({ summary: 'json, a table of chosen fields, or a text', helpValue: 'FORMAT' }),
    json: boolean({ summary: 'numbers, as JSON' }),
  },
  words: { least: 0, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    await rt.reconcile()
    const { StatsSource } = await lookAtStats()
    const source = new StatsSource(rt, words, { all: flags.on('all') })
    const show = async (stats: readonly Stats[]): Promise<void> => {
      if (flags.on('json')) printJson(stats)
      else
        await printFormatted(
          flags.text('format'),
          STATS_TABLE,
          STATS_COLUMNS,
          stats.map((one) => statsRow(one, !flags.on('no-trunc'))),
        )
    }
    const redraw = isTerminal(1) && !flags.on('no-stream')
    // CPU use is what lies between two looks: there is nothing to show before the second.
    await source.look()
    do {
      await sleep(INTERVAL)
      const stats = await source.look()
      if (redraw) write(1, CLEAR)
      await show(stats)
    } while (!flags.on('no-stream'))
    return 0
  },
}
