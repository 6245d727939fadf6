import { boolean } from '@oclif/core/flags'
import { shortId } from '@rt/driver-api'
import type { Container } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { reportLeftovers } from '../leftovers.ts'
import { print, printJson, printTable } from '../output.ts'
import { ago } from '../time.ts'

/** `Up 3 minutes (Paused)`, `Exited (7) 2 hours ago` */
const status = ({ state }: Container): string => {
  switch (state.status) {
    case 'created':
      return 'Created'
    case 'starting':
      return 'Starting'
    case 'running':
      return `Up ${ago(state.started)}`
    case 'paused':
      return `Up ${ago(state.started)} (Paused)`
    case 'restarting':
      return `Restarting (${state.exitCode})`
    case 'exited':
      return `Exited (${state.exitCode}) ${ago(state.finished)} ago`
    case 'dead':
      return `Dead (${state.exitCode})${state.finished ? ` ${ago(state.finished)} ago` : ''}: ${state.reason}`
  }
}

/** What Docker shows without -a. */
const LIVE: ReadonlySet<string> = new Set(['running', 'paused', 'restarting'])

/** As long as Docker shows it. */
const commandLine = (args: readonly string[]): string => {
  const line = args.join(' ')
  return `"${line.length > 20 ? `${line.slice(0, 19)}…` : line}"`
}

export const command: RtCommand = {
  summary: 'List containers',
  usage: '[OPTIONS]',
  flags: {
    all: boolean({ char: 'a', summary: 'also those that have ended' }),
    quiet: boolean({ char: 'q', summary: 'ids only' }),
    'no-trunc': boolean({ summary: 'whole ids and commands' }),
    json: boolean({ summary: 'as JSON' }),
  },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const rt = await runtime()
    const { containers, leftovers } = await rt.look()
    reportLeftovers(leftovers)
    const shown = containers.filter(({ state }) => flags.on('all') || LIVE.has(state.status))
    if (flags.on('json')) return void printJson(shown.map(({ record, state }) => ({ ...record, state })))
    const id = flags.on('no-trunc') ? (text: string) => text : shortId
    if (flags.on('quiet')) {
      if (shown.length > 0) print(shown.map(({ record }) => id(record.id)).join('\n'))
      return
    }
    printTable(
      ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'NETWORK', 'NAMES'],
      shown.map((container) => {
        const { record } = container
        const args = record.spec.process.args
        return [
          id(record.id),
          record.image.name,
          flags.on('no-trunc') ? `"${args.join(' ')}"` : commandLine(args),
          `${ago(record.created)} ago`,
          status(container),
          record.drivers.network,
          record.name,
        ]
      }),
    )
    return
  },
}
