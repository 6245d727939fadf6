import { failedExec } from '@rt/runtime'
import type { RtCommand } from '../command.ts'

/** What the shim becomes when an exec fails: `rt _exec-failed CONTAINER STEPS STEP ERRNO DETAIL`. */
export const command: RtCommand = {
  summary: 'Say why a program could not be run in a container',
  usage: 'CONTAINER STEPS STEP ERRNO DETAIL',
  hidden: true,
  flags: {},
  words: { least: 5, most: 5, stopAtWord: true },
  run: async ({ words }) => {
    const [name = '', steps = '', step = '', errno = '', detail = ''] = words
    throw failedExec(name, steps, { step, errno: Number(errno), detail })
  },
}
