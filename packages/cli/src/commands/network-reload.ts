import type { RtCommand } from '../command.ts'
import { print } from '../output.ts'

export const command: RtCommand = {
  summary: 'Put back what somebody flushed: firewall rules of networks and published ports',
  description: 'After `iptables -F`, a restart of firewalld and the like. Containers go on running.',
  usage: '',
  examples: ['rt network reload'],
  flags: {},
  words: { least: 0, most: 0 },
  run: async ({ runtime }) => {
    for (const driver of await (await (await runtime()).networks()).reload()) print(driver)
    return 0
  },
}
