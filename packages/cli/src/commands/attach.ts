import { boolean } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import { clientFlags, clientOptions } from '../flags/stream.ts'

export const command: RtCommand = {
  summary: 'Connect to the terminal or the streams of a running container',
  description:
    "Any number of clients may be attached at once. ctrl-p ctrl-q lets go of a terminal and leaves the container running. The exit status is the container's.",
  usage: '[OPTIONS] CONTAINER',
  examples: ['rt attach box', 'rt attach --no-stdin --sig-proxy=false web'],
  flags: { ...clientFlags, stdin: boolean({ summary: 'connect standard input (the default)', allowNo: true }) },
  words: { least: 1, most: 1 },
  run: async ({ flags, words, runtime }) =>
    (await runtime()).inPlace.attach(words[0] ?? '', { ...clientOptions(flags), stdin: flags.given('stdin') ?? true }),
}
