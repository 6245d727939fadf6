import type { RtCommand } from '../command.ts'
import { explain } from '../explain.ts'
import { print } from '../output.ts'
import { containerFlags, runRequest } from '../run-flags.ts'
import { tell } from '../tell.ts'

export const command: RtCommand = {
  summary: 'Print what a run would do, as a commented shell script that does it',
  description: 'Every step in order with the reason for it. The script works when a root shell is given it.',
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  examples: ['rt explain --network=bridge --storage=overlay busybox ip addr', 'rt explain busybox | less'],
  flags: containerFlags,
  words: { least: 1, most: Number.POSITIVE_INFINITY, stopAtWord: true },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    const plan = await rt.plan(runRequest(flags, words), tell)
    for (const line of await explain(rt, words, plan)) print(line)
    return 0
  },
}
