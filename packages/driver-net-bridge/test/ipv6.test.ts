import { describe, expect, it } from 'vitest'
import { isRoot, play } from './play.ts'

describe.skipIf(!isRoot)('IPv6 in a throwaway network namespace (needs root)', () => {
  it.each(['iptables', 'nftables'])(
    'is there beside IPv4, believes nobody, and the host is put back as it was (%s)',
    (firewall) => {
      expect(play('six', firewall)).toEqual({
        before: { forwarding: '0', acceptRa: '1' },
        inside: {
          own: '::2/64',
          eth0: true,
          flags: false,
          bridge: false,
          route: true,
          asked: ['fd00:5::77/64'],
          acceptRa: '0',
        },
        reach: {
          gateway: true,
          neighbour: '::3',
          outside: '2001:db8::1',
          outsideOfWeb: '2001:db8::1',
          outside4: '192.0.2.1',
        },
        during: { forwarding: '1', acceptRa: '2', bridge: '0' },
        advertised: { uplink: true, bridge: false, neighbour: false },
        after: { forwarding: '0', acceptRa: '1' },
        left: [],
      })
    },
  )

  it('and IPv4 are no longer forwarded when the last network is gone', () => {
    expect(play('restored')).toEqual({
      seen: [
        ['0', '0'],
        ['1', '1'],
        ['0', '0'],
        ['0', '0'],
      ],
      files: ['firewall.lock'],
    })
  })

  it('comes to a bridge that is in use, once', () => {
    expect(play('later')).toEqual({ first: true, second: [], third: [], notes: true, reached: true, old: [] })
  })

  it('is refused in clear words where the kernel has none', () => {
    const refused =
      /^RT_NET_NO_IPV6 This kernel has IPv6 switched off, and the (bridge br0|network web) is to have it\.$/
    expect(play('without')).toEqual({
      own: expect.stringMatching(refused),
      defined: expect.stringMatching(refused),
      subnet: expect.stringMatching(refused),
      probe: expect.objectContaining({ ok: false, reason: expect.stringContaining('IPv6 switched off') }),
      four: 1,
    })
  })

  it('and IPv4 addresses that get another MAC are announced', () => {
    expect(play('announced')).toEqual([
      [],
      ['10.5.0.9 02:00:00:00:00:02', 'fd00:5::9 02:00:00:00:00:02'],
      ['10.5.0.9 02:00:00:00:00:03', 'fd00:5::9 02:00:00:00:00:03'],
    ])
  })
})
