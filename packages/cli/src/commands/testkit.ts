import type { RtCommand } from '../command.ts'

/** A process of a trial, as `rt drivers verify` starts it: `rt _testkit ROLE TRIAL`. */
export const command: RtCommand = {
  summary: 'Play a part in the trial of a driver',
  usage: 'ROLE TRIAL',
  hidden: true,
  flags: {},
  words: { least: 2, most: 2, stopAtWord: true },
  run: async ({ words: [role = '', trial = ''] }) => (await import('../verify/index.ts')).playPart(role, trial),
}
