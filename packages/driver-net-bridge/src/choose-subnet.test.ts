import { describe, expect, it } from 'vitest'
import { formatIpv4 } from './address/ipv4.ts'
import { formatSubnet, parseSubnet, type Subnet } from './address/subnet.ts'
import { formatSubnet6, parseSubnet6, type Subnet6 } from './address/subnet6.ts'
import type { BridgeLink } from './bridge-link.ts'
import { chooseSubnet } from './choose-subnet.ts'
import type { HostRoute, HostRoutes } from './host-routes.ts'
import { readBridgeOptions } from './options.ts'
import { ownSettings } from './settings.ts'

const ours: BridgeLink = {
  kind: 'bridge',
  mac: '72:74:ac:10:00:01',
  alias: 'rt',
  up: true,
  addresses: ['172.16.0.1/16'],
}

const routes = (...claims: readonly [to: string, link?: string][]): readonly HostRoute[] =>
  claims.map(([to, link]) => ({ to: parseSubnet(to) as Subnet, link }))

const choose = (
  options: Record<string, unknown>,
  link: BridgeLink | undefined,
  taken: readonly HostRoute[] = [],
): string => {
  const { subnet, gateway } = chooseSubnet(ownSettings(readBridgeOptions(options)), link, () => ({ v4: taken, v6: [] }))
  return `${formatIpv4(gateway)} of ${formatSubnet(subnet)}`
}

describe('chooseSubnet without a bridge', () => {
  it.each([
    ['the first pool', routes(['192.0.2.0/24', 'eth0']), '172.16.0.1 of 172.16.0.0/16'],
    ['the next pool', routes(['172.16.5.0/24', 'tun0']), '10.200.0.1 of 10.200.0.0/16'],
    ['the pool after two', routes(['172.16.0.0/15', 'tun0'], ['10.200.0.0/16']), '10.201.0.1 of 10.201.0.0/16'],
    ['another range where a VPN has all of it', routes(['172.16.0.0/12', 'tun0']), '10.200.0.1 of 10.200.0.0/16'],
    ['no pool of a blackhole', routes(['172.16.0.0/12'], ['10.0.0.0/8']), '192.168.200.1 of 192.168.200.0/24'],
    [
      'the first pool beside default routes',
      routes(['0.0.0.0/0', 'eth0'], ['0.0.0.0/1', 'tun0'], ['128.0.0.0/1', 'tun0']),
      '172.16.0.1 of 172.16.0.0/16',
    ],
    ['its own subnet, routed by the bridge itself', routes(['172.16.0.0/16', 'br0']), '172.16.0.1 of 172.16.0.0/16'],
  ])('takes %s', (_, taken, expected) => {
    expect(choose({}, undefined, taken)).toBe(expected)
  })

  it('takes the configured subnet, or says who has it', () => {
    expect(choose({ subnet: '10.9.0.0/24' }, undefined, routes(['172.16.0.0/12', 'tun0']))).toBe(
      '10.9.0.1 of 10.9.0.0/24',
    )
    expect(() => choose({ subnet: '172.16.0.0/16' }, undefined, routes(['172.16.4.0/22', 'tun0']))).toThrow(
      expect.objectContaining({
        code: 'RT_NET_SUBNET_OVERLAP',
        message: expect.stringContaining('172.16.4.0/22 by tun0'),
      }),
    )
  })

  it('says so when no pool is left', () => {
    const all = routes(['10.0.0.0/8', 'a'], ['172.16.0.0/12', 'b'], ['192.168.0.0/16', 'c'])
    expect(() => choose({}, undefined, all)).toThrow(expect.objectContaining({ code: 'RT_NET_SUBNET_OVERLAP' }))
  })
})

describe('chooseSubnet with a bridge', () => {
  it.each<[string, BridgeLink, string]>([
    ['its address', { ...ours, addresses: ['10.4.0.254/24'] }, '10.4.0.254 of 10.4.0.0/24'],
    [
      'its MAC while it is being made',
      { ...ours, alias: undefined, up: false, addresses: [], mac: '72:74:ac:12:00:01' },
      '172.18.0.1 of 172.18.0.0/16',
    ],
    ['its MAC when the address was flushed', { ...ours, addresses: [] }, '172.16.0.1 of 172.16.0.0/16'],
    [
      'the pools when it tells nothing',
      { ...ours, mac: 'aa:00:00:00:00:01', addresses: [] },
      '10.200.0.1 of 10.200.0.0/16',
    ],
  ])('goes by %s', (_, link, expected) => {
    expect(choose({}, link, routes(['172.16.0.0/16', 'eth1']))).toBe(expected)
  })

  it.each<[string, BridgeLink]>([
    ['a bridge without our marks', { ...ours, alias: undefined, mac: '02:42:00:00:00:01' }],
    ["somebody else's alias", { ...ours, alias: 'libvirt' }],
    ['no bridge at all', { ...ours, kind: 'dummy' }],
    ['hardware', { ...ours, kind: undefined }],
  ])('refuses %s', (_, link) => {
    expect(() => choose({}, link)).toThrow(expect.objectContaining({ code: 'RT_NET_BRIDGE_FOREIGN' }))
  })

  it('refuses another subnet than the configured one', () => {
    expect(choose({ subnet: '172.16.0.0/16' }, ours)).toBe('172.16.0.1 of 172.16.0.0/16')
    expect(() => choose({ subnet: '10.9.0.0/24' }, ours)).toThrow(expect.objectContaining({ code: 'RT_DRIVER_OPTION' }))
  })
})

describe('chooseSubnet of a network with IPv6', () => {
  const choose6 = (link: BridgeLink | undefined, taken: HostRoutes['v6'] = []): string => {
    const settings = ownSettings(readBridgeOptions({ ipv6: true }))
    const { v6 } = chooseSubnet(settings, link, () => ({ v4: [], v6: taken }))
    return v6 === undefined ? 'none' : formatSubnet6(v6.subnet)
  }
  const route6 = (to: string): HostRoute<Subnet6> => ({ to: parseSubnet6(to) as Subnet6, link: 'tun0' })

  it('takes a unique local one that is the same every time, and another where the host routes it', () => {
    const first = choose6(undefined)
    expect(first).toMatch(/^fd[0-9a-f]{2}:[0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}::\/64$/)
    expect(choose6(ours)).toBe(first)
    const second = choose6(undefined, [route6(first)])
    expect(second).not.toBe(first)
    expect(choose6(undefined, [route6(first)])).toBe(second)
  })

  it('goes by the address of the bridge', () => {
    const addresses = ['172.16.0.1/16', 'fe80::1/64', 'fd12::1/64']
    expect(choose6({ ...ours, addresses })).toBe('fd12::/64')
  })
})

describe('options', () => {
  it.each([
    [{ name: 'a'.repeat(16) }],
    [{ name: 'br 0' }],
    [{ name: 'br.0' }],
    [{ name: '' }],
    [{ name: 'all' }],
    [{ subnet: '172.16.5.0/16' }],
    [{ subnet: '172.16.0.0/31' }],
    [{ subnet: '127.0.0.0/8' }],
    [{ subnet: '224.0.0.0/8' }],
    [{ subnet: 'fd00::/64' }],
    [{ mtu: 1000 }],
    [{ masquerade: 'yes' }],
    [{ subnets: '172.16.0.0/16' }],
    [{ ipv6: 'yes' }],
    [{ publishAddress: 'localhost' }],
    [{ publishAddress: '127.0.0.1/8' }],
    [{ firewall: 'pf' }],
  ])('%o is refused', (options) => {
    expect(() => readBridgeOptions(options)).toThrow(expect.objectContaining({ code: 'RT_DRIVER_OPTION' }))
  })
  it('has defaults', () => {
    expect(readBridgeOptions({})).toEqual({
      name: 'br0',
      subnet: undefined,
      mtu: undefined,
      masquerade: true,
      ipv6: false,
      publishAddress: undefined,
      firewall: 'iptables',
    })
  })
})
