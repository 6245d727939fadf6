import { describe, expect, it } from 'vitest'
import { containerResolvConf } from './resolv-conf.ts'

const none = () => undefined

describe('containerResolvConf', () => {
  it.each([
    [
      'takes the host as it is',
      'nameserver 192.0.2.1\nsearch a.test\noptions ndots:2\n',
      none,
      [],
      'nameserver 192.0.2.1\nsearch a.test\noptions ndots:2\n',
    ],
    [
      'leaves loopback out',
      'nameserver 127.0.0.1\nnameserver ::1\nnameserver 192.0.2.1\n',
      none,
      [],
      'nameserver 192.0.2.1\n',
    ],
    [
      'asks systemd-resolved behind its stub',
      'nameserver 127.0.0.53\nsearch a.test\n',
      () => 'nameserver 192.0.2.9\n',
      [],
      'nameserver 192.0.2.9\nsearch a.test\n',
    ],
    [
      'does not ask it without need',
      'nameserver 192.0.2.1\n',
      () => 'nameserver 192.0.2.9\n',
      [],
      'nameserver 192.0.2.1\n',
    ],
    [
      'leaves IPv6 out, which the bridge has not',
      'nameserver 2001:db8::1\nnameserver 192.0.2.1\n',
      none,
      [],
      'nameserver 192.0.2.1\n',
    ],
    [
      'obeys --dns',
      'nameserver 192.0.2.1\nsearch a.test\n',
      none,
      ['198.51.100.1'],
      'nameserver 198.51.100.1\nsearch a.test\n',
    ],
  ])('%s', (_, host, resolved, dns, expected) => {
    expect(containerResolvConf(host, resolved, dns)).toBe(expected)
  })

  it('makes no nameserver up', () => {
    expect(containerResolvConf('nameserver 127.0.0.53\n', none, [])).not.toMatch(/^nameserver/m)
  })

  it.each([
    [true, false, ['192.0.2.1', '2001:db8::53']],
    [false, false, ['192.0.2.1']],
    [true, true, []],
  ])('with IPv6 %s, internal %s, names %j', (ipv6, internal, expected) => {
    const host = 'nameserver 192.0.2.1\nnameserver 2001:db8::53\nnameserver ::1\nnameserver fe80::1%eth0\n'
    const text = containerResolvConf(host, () => undefined, [], { ipv6, internal })
    expect([...text.matchAll(/^nameserver (\S+)$/gm)].map((match) => match[1])).toEqual(expected)
  })
})
