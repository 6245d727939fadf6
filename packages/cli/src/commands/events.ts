import { boolean, string } from '@oclif/core/flags'
import { lookAtEvents } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { many } from '../flags/many.ts'
import { timeRange } from '../flags/time-range.ts'
import { compileFormat } from '../json-path.ts'
import { print } from '../output.ts'
import { eventView } from '../view/event.ts'

export const command: RtCommand = {
  summary: 'Show what happens to containers, as it happens',
  description:
    'Goes on until --until, or without end. FORMAT is a template as Docker takes it, json, or a text with paths in braces, "{Action} {Actor.Attributes.name}". The journal reaches back to the start of the machine, and over some ten thousand events.',
  usage: '[OPTIONS]',
  examples: ['rt events --since 1h --until 0s', 'rt events --filter event=die --format json'],
  flags: {
    since: string({ summary: 'begin with what happened then: a time, or how long ago (10m)', helpValue: 'TIME' }),
    until: string({ summary: 'end then', helpValue: 'TIME' }),
    filter: string({
      char: 'f',
      summary: 'container, event, image, label or type',
      helpValue: 'KEY=VALUE',
      ...many,
    }),
    format: string({ summary: 'json, or a text with fields', helpValue: 'FORMAT' }),
    json: boolean({ summary: 'one JSON object a line' }),
  },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const { attributes, EVENT_FILTERS, followEvents, parseFilters } = await lookAtEvents()
    const filters = parseFilters(flags.texts('filter'), EVENT_FILTERS)
    const range = await timeRange(flags)
    const rt = await runtime()
    await rt.reconcile()
    const format = flags.on('json') ? 'json' : flags.text('format')
    const formatted =
      format && !/^(json|\{\{\s*json\s+\.\s*\}\})$/.test(format) ? await compileFormat(format) : undefined
    await followEvents(rt.layout, { ...range, filters }, (event) => {
      const { json, line, fields } = eventView(event, attributes(event))
      if (!format) print(line)
      else print(formatted ? formatted(fields) : json)
    })
    return 0
  },
}
