import type { RtCommand } from '../command.ts'
import { reportLeftovers } from '../leftovers.ts'

/** What the shim becomes when a container has ended and a clean-up step is beyond it: `rt _leave ID EXITCODE`. */
export const command: RtCommand = {
  summary: 'Clean up after a container that has ended',
  usage: 'ID EXITCODE',
  hidden: true,
  flags: {},
  words: { least: 2, most: 2, stopAtWord: true },
  run: async ({ words, runtime }) => {
    const [id = '', exitCode = ''] = words
    reportLeftovers(await (await runtime()).ended(id))
    return Number(exitCode)
  },
}
