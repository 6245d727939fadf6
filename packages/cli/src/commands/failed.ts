import type { RtCommand } from '../command.ts'

/** What the shim becomes when a start fails: `rt _failed ID STEP ERRNO DETAIL`. */
export const command: RtCommand = {
  summary: 'Undo a start that failed and say why',
  usage: 'ID STEP ERRNO DETAIL',
  hidden: true,
  flags: {},
  words: { least: 4, most: 4, stopAtWord: true },
  run: async ({ words, runtime }) => {
    const [id = '', step = '', errno = '', detail = ''] = words
    throw (await runtime()).failedStart(id, { step, errno: Number(errno), detail })
  },
}
