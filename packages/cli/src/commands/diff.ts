import type { RtCommand } from '../command.ts'
import { printBytes } from '../output.ts'

export const command: RtCommand = {
  summary: "Show what a container has changed in its image's files",
  description: 'One line for each name: A was added, C was changed, D was deleted.',
  usage: 'CONTAINER',
  flags: {},
  words: { least: 1, most: 1 },
  run: async ({ words: [container = ''], runtime }) => {
    const files = await (await runtime()).files()
    const changes = await files.changes(container)
    printBytes(Buffer.concat(changes.flatMap(({ kind, path }) => [Buffer.from(`${kind} `), path, NEWLINE])))
    return 0
  },
}

const NEWLINE = Buffer.from('\n')
