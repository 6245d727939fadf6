import type { RtCommand } from '../command.ts'
import { printNames } from '../outcomes.ts'

export const command: RtCommand = {
  summary: 'Let paused containers go on',
  usage: 'CONTAINER [CONTAINER...]',
  flags: {},
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ words, runtime }) => printNames(await (await runtime()).pause(words, false)),
}
