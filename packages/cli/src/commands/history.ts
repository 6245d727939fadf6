import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { print, printJson, printTable } from '../output.ts'
import { humanSize } from '../sizes.ts'
import { ago } from '../time.ts'
import { imageHistory } from '../view/history.ts'

const LONGEST = 45

export const command: RtCommand = {
  summary: 'Show how an image was made, step by step',
  usage: '[OPTIONS] IMAGE',
  flags: {
    quiet: boolean({ char: 'q', summary: 'ids only' }),
    'no-trunc': boolean({ summary: 'do not shorten anything' }),
    human: boolean({ char: 'H', summary: 'sizes and times for people (the default)', default: true, allowNo: true }),
    json: boolean({ summary: 'as JSON' }),
  },
  words: { least: 1, most: 1 },
  run: async ({ flags, words: [name = ''], runtime }) => {
    const { images } = await runtime()
    const image = images.require(name)
    const steps = imageHistory(image, images.layerSizes(image))
    const [whole, human] = [flags.on('no-trunc'), flags.on('human')]
    const idOf = (id: string): string => (whole ? id : id.replace(/^sha256:/, '').slice(0, 12))
    if (flags.on('json')) printJson(steps)
    else if (flags.on('quiet')) for (const { id } of steps) print(idOf(id))
    else
      printTable(
        ['IMAGE', 'CREATED', 'CREATED BY', 'SIZE', 'COMMENT'],
        steps.map(({ id, created, createdBy, size, comment }) => [
          idOf(id),
          created === undefined ? '' : human ? `${ago(created)} ago` : created,
          shortened(createdBy, whole),
          human ? humanSize(size) : String(size),
          shortened(comment, whole),
        ]),
      )
    return 0
  },
}

/** One line: a step may be a whole script. */
const shortened = (text: string, whole: boolean): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return whole || line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`
}
