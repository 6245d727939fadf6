import type { RtCommand } from '../command.ts'
import { stopFlags, stopOptions } from '../flags/stop.ts'
import { handlers } from '../handlers.ts'
import { complainOf } from '../outcomes.ts'
import { print } from '../output.ts'
import { startEach } from '../start-each.ts'

export const command: RtCommand = {
  summary: 'Stop containers and start them again',
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  examples: ['rt restart web'],
  flags: stopFlags,
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    const outcomes = await rt.restart(words, stopOptions(flags))
    const stopped = outcomes.flatMap((outcome) => ('error' in outcome ? [] : [outcome.name]))
    for (const outcome of outcomes) if ('error' in outcome) complainOf(outcome.error)
    const failed = stopped.length < outcomes.length
    const [only, ...others] = stopped
    // The usual case without a child: this process becomes the shim.
    if (only !== undefined && others.length === 0 && !failed) {
      await rt.inPlace.start(only, { attach: false, interactive: false }, handlers(rt, { failure: 1 }))
      // Somebody else was faster.
      print(only)
      return 0
    }
    return Math.max(await startEach(rt, stopped), failed ? 1 : 0)
  },
}
