import type { RtCommand } from '../command.ts'
import { printNames } from '../outcomes.ts'

export const command: RtCommand = {
  summary: 'Stop every process of containers where it is',
  description: 'The kernel freezes them; they go on with `rt unpause` as if nothing had been.',
  usage: 'CONTAINER [CONTAINER...]',
  flags: {},
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ words, runtime }) => printNames(await (await runtime()).pause(words, true)),
}
