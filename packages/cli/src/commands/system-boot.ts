import type { RtCommand } from '../command.ts'
import { reportLeftovers } from '../leftovers.ts'
import { startEach } from '../start-each.ts'

export const command: RtCommand = {
  summary: 'Start what must run after a boot of the machine',
  description:
    'Containers with --restart=always, with unless-stopped unless they were stopped, and with on-failure when the boot cut them off. One after the other, in the order in which they were made. Called by rt.service; what runs is left alone.',
  usage: '',
  flags: {},
  words: { least: 0, most: 0 },
  run: async ({ runtime }) => {
    const rt = await runtime()
    reportLeftovers(await rt.reconcile())
    const containers = await rt.toBoot()
    // One after the other: one that was made later may need one that was made before it.
    return startEach(
      rt,
      containers.map(({ record }) => record.name),
      { atOnce: 1 },
    )
  },
}
