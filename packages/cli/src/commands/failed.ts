import { string } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import type { RtCommand } from '../command.ts'

/** What the shim becomes when a start fails: `rt _failed ID STEP ERRNO DETAIL`. */
export const command: RtCommand = {
  summary: 'Undo a start that failed and say why',
  usage: 'ID STEP ERRNO DETAIL',
  hidden: true,
  flags: { 'exit-code': string({ summary: "in place of the error's own" }) },
  words: { least: 4, most: 4, stopAtWord: true },
  run: async ({ flags, words, runtime }) => {
    const [id = '', step = '', errno = '', detail = ''] = words
    const error = (await runtime()).failedStart(id, { step, errno: Number(errno), detail })
    const exitCode = flags.text('exit-code')
    if (exitCode === undefined) throw error
    throw new RtError(error.code, error.message, { remedy: error.remedy, exitCode: Number(exitCode) })
  },
}
