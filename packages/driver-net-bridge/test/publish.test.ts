import { describe, expect, it } from 'vitest'
import { isRoot, play } from './play.ts'

describe.skipIf(!isRoot)('published ports in a throwaway network namespace (needs root)', () => {
  it.each(['iptables', 'nftables'])(
    'are reached from everywhere, come back after a flush, and go with their container (%s)',
    (firewall) => {
      const reach = {
        outside: '192.0.2.2',
        outside6: '2001:db8::2',
        host: '192.0.2.1',
        localhost: true,
        neighbour: true,
        neighbour6: true,
        itself: true,
        anotherNetwork: true,
      }
      const noted = { container: 'a1'.padEnd(64, '0'), to4: '10.5.0.2', to6: 'fd00:5::2' }
      expect(play('publishing', firewall)).toMatchObject({
        first: reach,
        hairpin: [true, false],
        noted: [noted, noted],
        flushed: 'no answer',
        reloaded: reach,
        // nft replaces its table in one go, whatever it finds.
        twice: firewall === 'iptables' ? [] : expect.any(Array),
        collected: { file: false, rules: [], leases: ['10.5.0.3'], again: [] },
        during: true,
        ended: { rules: [], files: [] },
        left: { rules: [], links: [], files: [] },
      })
    },
  )

  it.each(['iptables', 'nftables'])('work the same when the explained commands are pasted (%s)', (firewall) => {
    expect(play('pasted', firewall)).toEqual({
      outside: '192.0.2.2',
      outside6: '2001:db8::2',
      itself: true,
      interface: ['mtu 1400', '02:00:00:00:00:07'],
      missing: firewall === 'iptables' ? [] : expect.any(Array),
      left: [[], [], []],
    })
  })
})
