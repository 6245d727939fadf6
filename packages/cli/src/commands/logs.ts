import { boolean, string } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import { lookAtLogs } from '@rt/runtime'
import type { ParsedFlags, RtCommand } from '../command.ts'
import { timeRange } from '../flags/time-range.ts'
import { LogOutput } from '../log-output.ts'

/** `all`, as Docker calls it, and negative numbers mean every line. */
const tail = (flags: ParsedFlags): { readonly tail?: number } => {
  const text = flags.text('tail') ?? 'all'
  if (text === 'all' || /^-\d+$/.test(text)) return {}
  if (/^\d+$/.test(text)) return { tail: Number(text) }
  throw new RtError('RT_USAGE', `--tail: "${text}" is not a number of lines.`, { remedy: 'Use a number, or all.' })
}

export const command: RtCommand = {
  summary: 'Show what a container has written',
  usage: '[OPTIONS] CONTAINER',
  examples: ['rt logs -f --tail 100 web', 'rt logs --since 10m -t web'],
  flags: {
    follow: boolean({ char: 'f', summary: 'go on until the container ends' }),
    tail: string({ char: 'n', summary: 'only the last lines', helpValue: 'N|all' }),
    since: string({ summary: 'only from then on: a time, or how long ago (10m)', helpValue: 'TIME' }),
    until: string({ summary: 'only up to then', helpValue: 'TIME' }),
    timestamps: boolean({ char: 't', summary: 'the time in front of every line' }),
    details: boolean({ summary: 'taken as Docker does; there are none' }),
  },
  words: { least: 1, most: 1 },
  run: async ({ flags, words: [name = ''], runtime }) => {
    const options = { ...tail(flags), ...(await timeRange(flags)), follow: flags.on('follow') }
    const rt = await runtime()
    const output = new LogOutput(flags.on('timestamps'))
    const { showLog } = await lookAtLogs()
    await showLog(rt.layout, rt.find(name), options, (entries) => output.show(entries))
    return 0
  },
}
