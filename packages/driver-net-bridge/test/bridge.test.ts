import { describe, expect, it } from 'vitest'
import { isRoot, MOST_MS, play } from './play.ts'

describe.skipIf(!isRoot)('bridge in a throwaway network namespace (needs root)', () => {
  it('connects containers to each other, to the host and, by NAT, to the internet', () => {
    expect(play('two')).toMatchObject({
      addresses: ['172.16.0.2', '172.16.0.3', '172.16.0.4'],
      shared: [10, 0, 0],
      bridge: {
        address: '72:74:ac:10:00:01',
        ifalias: 'rt',
        mtu: 1400,
        addr_info: [{ local: '172.16.0.1', prefixlen: 16 }],
      },
      eth0: {
        address: '02:42:ac:10:00:03',
        mtu: 1400,
        addr_info: [{ family: 'inet', local: '172.16.0.3', prefixlen: 16 }],
      },
      route: 'default via 172.16.0.1 dev eth0',
      gateway: '172.16.0.3',
      neighbour: '172.16.0.3',
      outside: '192.0.2.1',
      withoutNat: 'no answer',
      reloaded: '192.0.2.1',
      leases: [],
    })
  })

  it("works beside a policy of DROP, leaves others' rules alone, and takes all of its own away", () => {
    expect(play('foreign')).toEqual({
      seen: '192.0.2.1',
      foreignDuring: [],
      afterFlush: '192.0.2.1',
      restored: true,
      bridge: false,
      forwarding: '0',
      files: [],
    })
  })

  it('survives twenty first starts at once: different addresses, no rule twice', { timeout: MOST_MS }, () => {
    const { addresses, links, rules } = play('crowd') as { addresses: string[]; links: number; rules: string[] }
    expect(new Set(addresses).size).toBe(20)
    expect(addresses.filter((address) => !address.startsWith('172.16.0.'))).toEqual([])
    expect(links).toBe(20)
    expect(rules).toHaveLength(18)
    expect(new Set(rules).size).toBe(18)
  })

  it('refuses what is not its own, and moves out of the way of routes', () => {
    expect(play('refused')).toMatchObject({
      explicit: expect.stringMatching(/^RT_NET_SUBNET_OVERLAP .*172\.16\.7\.0\/24 by tun0/),
      foreign: expect.stringMatching(/^RT_NET_BRIDGE_FOREIGN /),
      probe: { ok: false },
      nothing: false,
      moved: '10.200.0.2',
      ok: { ok: true, detail: 'br0 has 10.200.0.1/16' },
    })
  })
})
