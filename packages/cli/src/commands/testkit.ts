import type { RtCommand } from '../command.ts'

/** A process of a trial, as `rt drivers verify` starts it: `rt _testkit ROLE TRIAL [GROUP...]`. */
export const command: RtCommand = {
  summary: 'Play a part in the trial of a driver',
  usage: 'ROLE TRIAL [GROUP...]',
  hidden: true,
  flags: {},
  words: { least: 2, most: Number.POSITIVE_INFINITY, stopAtWord: true },
  run: async ({ words: [role = '', trial = '', ...groups] }) =>
    (await import('../verify/index.ts')).playPart(role, trial, groups),
}
