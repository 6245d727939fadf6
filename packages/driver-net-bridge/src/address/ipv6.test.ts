import { describe, expect, it } from 'vitest'
import { formatIpv6, parseIpv6 } from './ipv6.ts'
import { contains6, formatSubnet6, isLinkLocal, overlaps6, parseSubnet6, type Subnet6 } from './subnet6.ts'
import { localSubnet } from './ula.ts'

describe('IPv6 addresses', () => {
  // RFC 5952, 4: what is written as anything else comes out in its canonical form.
  it.each([
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['FD00:0:0::0001', 'fd00::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
  ])('%s is %s', (text, canonical) => {
    expect(formatIpv6(parseIpv6(text) as bigint)).toBe(canonical)
  })

  it.each([
    '',
    ':',
    ':::',
    '1::2::3',
    'fd00::1/64',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    'g::',
    '::1.2.3',
    'fe80::1%eth0',
    '10.0.0.1',
  ])('%j is none', (text) => {
    expect(parseIpv6(text)).toBeUndefined()
  })
})

describe('IPv6 subnets', () => {
  const subnet = (text: string): Subnet6 => parseSubnet6(text) as Subnet6

  it.each([
    ['fd00:5::7/64', 'fd00:5::/64'],
    ['fd00:5::1ff/120', 'fd00:5::100/120'],
    ['::/0', '::/0'],
    ['fd00::1/128', 'fd00::1/128'],
  ])('%s is in %s', (text, expected) => {
    expect(formatSubnet6(subnet(text))).toBe(expected)
  })

  it.each(['fd00::/129', 'fd00::', 'fd00::/', '10.0.0.0/8', 'x::/64'])('%j is none', (text) => {
    expect(parseSubnet6(text)).toBeUndefined()
  })

  it('overlap where one contains the other', () => {
    expect(overlaps6(subnet('fd00::/8'), subnet('fd00:5::/64'))).toBe(true)
    expect(overlaps6(subnet('fd00:5::/64'), subnet('fd00::/8'))).toBe(true)
    expect(overlaps6(subnet('fd00:5::/64'), subnet('fd00:5:0:1::/64'))).toBe(false)
    expect(contains6(subnet('fd00:5::/64'), parseIpv6('fd00:5::ffff:ffff:ffff:ffff') as bigint)).toBe(true)
    expect(contains6(subnet('fd00:5::/64'), parseIpv6('fd00:5:0:1::') as bigint)).toBe(false)
  })

  it('know what is link-local', () => {
    expect(['fe80::1', 'febf::1', 'fec0::1', 'fd00::1'].map((text) => isLinkLocal(parseIpv6(text) as bigint))).toEqual([
      ...[true, true, false, false],
    ])
  })

  it('are made of the machine and the network', () => {
    const made = (...from: Parameters<typeof localSubnet>): string => formatSubnet6(localSubnet(...from))
    expect(made('a', 'web')).toMatch(/^fd[0-9a-f]{2}:[0-9a-f:]+::\/64$/)
    expect(made('a', 'web')).toBe(made('a', 'web'))
    expect(new Set([made('a', 'web'), made('b', 'web'), made('a', 'back'), made('a', 'web', 1)]).size).toBe(4)
  })
})
