import { boolean, string } from '@oclif/core/flags'
import { RtError, shortId } from '@rt/driver-api'
import { type Container, lookAround, lookAtSizes, type Runtime } from '@rt/runtime'
import type { ParsedFlags, RtCommand } from '../command.ts'
import { listingFlags } from '../flags/listing.ts'
import { printFormatted } from '../format.ts'
import { reportLeftovers } from '../leftovers.ts'
import { print, printJson } from '../output.ts'
import { humanSize } from '../sizes.ts'
import { PS_COLUMNS, PS_TABLE, psRow } from '../view/ps-row.ts'
import { plainState } from '../view/state.ts'

const last = (flags: ParsedFlags): { readonly last?: number } => {
  const text = flags.on('latest') ? '1' : flags.text('last')
  // Docker's default is -1, and scripts pass it on.
  if (text === undefined || text === '-1') return {}
  if (!/^\d+$/.test(text)) throw new RtError('RT_USAGE', `--last: "${text}" is not a number of containers.`)
  return { last: Number(text) }
}

/** `12kB (virtual 1.2MB)`, as Docker shows it. */
const sizes = async (rt: Runtime, shown: readonly Container[]): Promise<string[]> => {
  const { containerSize } = await lookAtSizes()
  const images = new Map<string, number>()
  const texts: string[] = []
  for (const { record } of shown) {
    const { written, total } = await containerSize(rt, record, images)
    texts.push(
      `${written === undefined ? '?' : humanSize(written)} (virtual ${total === undefined ? '?' : humanSize(total)})`,
    )
  }
  return texts
}

export const command: RtCommand = {
  summary: 'List containers',
  description:
    'FORMAT is a template as Docker takes it, json, "table FIELD,FIELD" or a text with {Field} in it. Fields: ID, Image, Command, RunningFor, Status, Ports, Names, CreatedAt, State, Labels, Mounts, LocalVolumes, Networks, Size.',
  usage: '[OPTIONS]',
  examples: ['rt ps -a --filter status=exited', "rt ps --format '{Names}: {Status}'"],
  flags: {
    all: boolean({ char: 'a', summary: 'also those that do not run' }),
    quiet: boolean({ char: 'q', summary: 'ids only' }),
    'no-trunc': boolean({ summary: 'whole ids and commands' }),
    last: string({ char: 'n', summary: 'the newest, running or not', helpValue: 'N' }),
    latest: boolean({ char: 'l', summary: 'the newest one' }),
    size: boolean({ char: 's', summary: 'with the size of what they have written' }),
    ...listingFlags('id, name, status, label, ancestor, exited, network, volume, before or since'),
  },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const rt = await runtime()
    const { listForPs, parseFilters, PS_FILTERS } = await lookAround()
    const filters = parseFilters(flags.texts('filter'), PS_FILTERS)
    const options = { all: flags.on('all'), ...last(flags), filters }
    const { seen: shown, leftovers } = await listForPs(rt, options)
    reportLeftovers(leftovers)
    const truncate = !flags.on('no-trunc')
    if (flags.on('json'))
      return void printJson(shown.map(({ record, state }) => ({ ...record, state: plainState(state) })))
    const [format, usual] = [flags.text('format'), flags.on('size') ? `${PS_TABLE},Size` : PS_TABLE]
    if (flags.on('quiet')) {
      if (shown.length > 0) print(shown.map(({ record }) => (truncate ? shortId(record.id) : record.id)).join('\n'))
      return
    }
    const size = flags.on('size') || /\bsize\b/i.test(format ?? '') ? await sizes(rt, shown) : []
    const rows = shown.map((container, index) => psRow(container, truncate, size[index] ?? ''))
    await printFormatted(format, usual, PS_COLUMNS, rows)
    return
  },
}
