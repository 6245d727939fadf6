import { plainName } from '@rt/runtime'
import type { RtCommand } from '../command.ts'

export const command: RtCommand = {
  summary: 'Give a container another name',
  usage: 'CONTAINER NAME',
  flags: {},
  words: { least: 2, most: 2 },
  run: async ({ words, runtime }) => {
    const [container = '', name = ''] = words
    await (await runtime()).rename(container, plainName(name))
    return 0
  },
}
