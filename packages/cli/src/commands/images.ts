import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { print, printJson, printTable } from '../output.ts'
import { humanSize } from '../sizes.ts'
import { ago } from '../time.ts'
import { nameAndTag, shortImageId } from '../view/image-name.ts'

export const command: RtCommand = {
  summary: 'List images',
  usage: '[OPTIONS]',
  flags: {
    quiet: boolean({ char: 'q', summary: 'ids only' }),
    json: boolean({ summary: 'as JSON' }),
  },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const images = (await runtime()).images.list()
    if (flags.on('json')) printJson(images)
    else if (flags.on('quiet')) for (const { id } of images) print(shortImageId(id))
    else
      printTable(
        ['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'],
        images.map(({ reference, id, created, size }) => [
          ...nameAndTag(reference),
          shortImageId(id),
          created === undefined ? '' : `${ago(created)} ago`,
          humanSize(size),
        ]),
      )
    return 0
  },
}
