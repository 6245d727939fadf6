import { boolean, string } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { type Column, printFormatted, type Row } from '../format.ts'
import { print, printJson } from '../output.ts'
import { humanSize } from '../sizes.ts'
import { ago, wholeSeconds } from '../time.ts'
import { type HistoryStep, imageHistory } from '../view/history.ts'

const LONGEST = 45

const COLUMNS: readonly Column[] = [
  { field: 'ID', header: 'IMAGE' },
  { field: 'CreatedSince', header: 'CREATED' },
  { field: 'CreatedAt', header: 'CREATED AT' },
  { field: 'CreatedBy', header: 'CREATED BY' },
  { field: 'Size', header: 'SIZE' },
  { field: 'Comment', header: 'COMMENT' },
]

/** One line: a step may be a whole script. */
const shortened = (text: string, whole: boolean): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return whole || line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`
}

const idOf = (id: string, whole: boolean): string => (whole ? id : id.replace(/^sha256:/, '').slice(0, 12))

const row = ({ id, created, createdBy, size, comment }: HistoryStep, whole: boolean, human: boolean): Row => ({
  ID: () => idOf(id, whole),
  CreatedSince: () => (created === undefined ? '' : human ? `${ago(created)} ago` : wholeSeconds(created)),
  CreatedAt: () => (created === undefined ? '' : wholeSeconds(created)),
  CreatedBy: () => shortened(createdBy, whole),
  Size: () => (human ? humanSize(size) : String(size)),
  Comment: () => shortened(comment, whole),
})

export const command: RtCommand = {
  summary: 'Show how an image was made, step by step',
  description:
    'FORMAT is a template as Docker takes it, json, "table FIELD,FIELD" or a text with {Field} in it. Fields: ID, CreatedSince, CreatedAt, CreatedBy, Size, Comment.',
  usage: '[OPTIONS] IMAGE',
  examples: ['rt history --no-trunc --format "{Size}: {CreatedBy}" debian'],
  flags: {
    quiet: boolean({ char: 'q', summary: 'ids only' }),
    'no-trunc': boolean({ summary: 'do not shorten anything' }),
    human: boolean({ char: 'H', summary: 'sizes and times for people (the default)', default: true, allowNo: true }),
    format: string({ summary: 'json, a table of chosen fields, or a text', helpValue: 'FORMAT' }),
    json: boolean({ summary: 'as JSON' }),
  },
  words: { least: 1, most: 1 },
  run: async ({ flags, words: [name = ''], runtime }) => {
    const { images } = await runtime()
    const image = images.require(name)
    const steps = imageHistory(image, images.layerSizes(image))
    const whole = flags.on('no-trunc')
    if (flags.on('json')) printJson(steps)
    else if (flags.on('quiet')) for (const { id } of steps) print(idOf(id, whole))
    else
      await printFormatted(
        flags.text('format'),
        'table ID,CreatedSince,CreatedBy,Size,Comment',
        COLUMNS,
        steps.map((step) => row(step, whole, flags.on('human'))),
      )
    return 0
  },
}
