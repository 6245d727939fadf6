import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NetworkRequest, NetworkWish } from '@rt/driver-api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import MacvlanNetworkDriver from '../src/index.ts'
import { contains, formatIpv4, isWithin, parseIpv4, parseSubnet, subnetOf } from '../src/ipv4.ts'
import type { Lan } from '../src/lan.ts'
import { Leases } from '../src/leases.ts'
import { newMac } from '../src/mac.ts'
import { planMacvlan } from '../src/plan.ts'
import { candidates, defineNetwork, type Settings } from '../src/settings.ts'

const id = 'ab'.repeat(32)
const request: NetworkRequest = { container: { id, name: 'web', hostname: 'web' }, dns: [] }
const address = (text: string): number => parseIpv4(text) as number
const subnet = (text: string) => parseSubnet(text) as NonNullable<ReturnType<typeof parseSubnet>>
const lan: Lan = {
  parent: 'eth1',
  mac: '52:54:00:00:00:01',
  mtu: 1450,
  isUp: true,
  subnet: subnet('192.0.2.0/24'),
  addresses: [address('192.0.2.2')],
  gateway: address('192.0.2.1'),
  hasIpv6: true,
}
const settings: Settings = {
  lan,
  mode: 'bridge',
  subnet: subnet('192.0.2.0/24'),
  range: subnet('192.0.2.0/29'),
  gateway: address('192.0.2.1'),
  ipv6: false,
}
const plan = (more: Partial<Settings> = {}, asked: Partial<NetworkRequest> = {}) =>
  planMacvlan(
    { ...request, ...asked },
    {
      ...settings,
      ...more,
      address: address('192.0.2.3'),
      lease: '/lease',
      mac: '02:42:c0:00:02:03',
      resolvConf: undefined,
    },
  )

describe('a plan', () => {
  it('makes one interface on the wire of the parent, in the namespace of the container, and nothing on the host', () => {
    const { enter, leave, disconnect, attachment } = plan()
    expect(enter.every(({ where }) => where === 'netns')).toBe(true)
    expect(enter.slice(2)).toMatchObject([
      {
        op: 'link.add',
        kind: 'macvlan',
        name: 'eth0',
        parent: 'eth1',
        mode: 'bridge',
        mac: '02:42:c0:00:02:03',
        mtu: 1450,
      },
      { op: 'link.set', name: 'lo', up: true },
      { op: 'addr.add', link: 'eth0', address: '192.0.2.3/24' },
      { op: 'link.set', name: 'eth0', up: true },
      { op: 'route.add', to: 'default', via: '192.0.2.1' },
    ])
    expect(leave).toMatchObject([{ op: 'file.remove', path: '/lease', holding: id }])
    expect(disconnect).toMatchObject([{ where: 'netns', op: 'link.del', name: 'eth0' }])
    expect(attachment.interfaces).toEqual([
      { name: 'eth0', mac: '02:42:c0:00:02:03', mtu: 1450, addresses: ['192.0.2.3/24'], gateway: '192.0.2.1' },
    ])
  })

  it('is ipvlan by its mode, with the MAC of the parent', () => {
    const { enter, attachment } = plan({ mode: 'ipvlan-l2' })
    const link = enter.find(({ op }) => op === 'link.add')
    expect(link).toMatchObject({ kind: 'ipvlan', mode: 'l2' })
    expect(link).not.toHaveProperty('mac')
    expect(attachment.interfaces[0]?.mac).toBe(lan.mac)
  })

  it('asks nobody for the way on layer 3', () => {
    expect(plan({ mode: 'ipvlan-l3' }).enter.at(-1)).toEqual(
      expect.objectContaining({ op: 'route.add', to: 'default', link: 'eth0' }),
    )
    expect(plan({ mode: 'ipvlan-l3' }).enter.at(-1)).not.toHaveProperty('via')
  })

  it('has no way out where another network is that, or there is none', () => {
    expect(plan({}, { primary: false, interface: 'eth1' }).enter.at(-1)).toMatchObject({ op: 'link.set', name: 'eth1' })
    expect(plan({ gateway: undefined }).enter.at(-1)).toMatchObject({ op: 'link.set' })
  })

  it('leaves IPv6 to router advertisements only where it is asked to', () => {
    const keys = (more: Partial<Settings>) =>
      plan(more).enter.flatMap((step) => (step.op === 'sysctl' ? [step.key] : []))
    expect(keys({})).toContain('net.ipv6.conf.default.disable_ipv6')
    expect(keys({ ipv6: true })).not.toContain('net.ipv6.conf.default.disable_ipv6')
    expect(keys({ lan: { ...lan, hasIpv6: false } })).not.toContain('net.ipv6.conf.default.disable_ipv6')
  })
})

describe('addresses', () => {
  it('are those of the range that are nobody else\u2019s', () => {
    expect([...candidates(settings, undefined)].map(formatIpv4)).toEqual([
      '192.0.2.3',
      '192.0.2.4',
      '192.0.2.5',
      '192.0.2.6',
      '192.0.2.7',
    ])
  })

  it.each(['192.0.2.0', '192.0.2.255', '192.0.2.1', '192.0.2.2', '198.51.100.7', 'x'])(
    '%s cannot be asked for',
    (ip) => {
      expect(() => candidates(settings, ip)).toThrow(`The address ${ip} cannot be a container's on 192.0.2.0/24`)
    },
  )

  it('need not be of the range where one is asked for', () => {
    expect(candidates({ ...settings, range: undefined }, '192.0.2.200')).toEqual([address('192.0.2.200')])
    expect(() => candidates({ ...settings, range: undefined }, undefined)).toThrow(
      /nothing says which of its addresses are rt's/,
    )
  })

  it('are read, written and compared', () => {
    expect(parseIpv4('255.255.255.255')).toBe(2 ** 32 - 1)
    expect(['1.2.3', '1.2.3.256', '01.2.3.4', '1.2.3.4.5', ''].map(parseIpv4)).toEqual(Array(5).fill(undefined))
    expect(['10.0.0.1/8', '10.0.0.0/31', '10.0.0.0', '10.0.0.0/x'].map(parseSubnet)).toEqual(Array(4).fill(undefined))
    expect(subnetOf('192.168.7.9/20')).toEqual(subnet('192.168.0.0/20'))
    expect(contains(subnet('10.0.0.0/30'), address('10.0.0.3'))).toBe(true)
    expect(isWithin(subnet('10.0.0.0/24'), subnet('10.0.0.0/25'))).toBe(false)
  })
})

describe('MAC addresses', () => {
  it('are new each time', () => {
    expect(newMac()).toMatch(/^02:42(:[0-9a-f]{2}){4}$/)
    expect(newMac()).not.toBe(newMac())
  })
})

describe('leases', () => {
  let runRoot = ''
  beforeEach(() => {
    runRoot = mkdtempSync(join(tmpdir(), 'rt-macvlan-'))
  })
  afterEach(() => rmSync(runRoot, { recursive: true }))

  it('are taken once, by parent, and found again when their container is gone', () => {
    const leases = new Leases(runRoot)
    const other = 'cd'.repeat(32)
    expect(leases.take('eth1', [1, 2], id)).toBe(1)
    expect(new Leases(runRoot).take('eth3', [1, 2, 3], id)).toBe(1)
    expect(new Leases(runRoot).take('eth3', [1, 2, 3], other)).toBe(2)
    expect(leases.take('eth1', [1, 2], other)).toBe(2)
    expect(leases.take('eth2', [1, 2], other)).toBe(1)
    expect(() => leases.take('eth1', [1, 2], 'ef'.repeat(32))).toThrow('Every address of the range')
    expect(() => leases.take('eth1', [1], other)).toThrow('The address 0.0.0.1 is another container')
    expect(readlinkSync(leases.path('eth1', 2))).toBe(other)
    expect(leases.stale(new Set([id]))).toHaveLength(3)
    expect(new Leases(join(runRoot, 'none')).stale(new Set())).toEqual([])
  })

  it('are kept by a container that starts again before the last one was given back', () => {
    const leases = new Leases(runRoot)
    leases.take('eth1', [1], id)
    expect(leases.take('eth1', [1], id)).toBe(1)
    expect(readdirSync(join(runRoot, 'net/macvlan/leases/eth1'))).toEqual(['0.0.0.1', 'last'])
  })
})

describe('options and networks', () => {
  it.each([
    ['mode', 'l4', /must be "bridge" or "private"/],
    ['subnet', '192.0.2.1/24', /an IPv4 subnet without host bits/],
    ['range', 'all', /an IPv4 subnet/],
    ['gateway', '192.0.2', /an IPv4 address/],
    ['parent', 'a b', /an interface name/],
    ['colour', 'red', /has no option "colour"/],
  ])('%s: %s is refused', (name, value, message) => {
    expect(() => new MacvlanNetworkDriver({ root: '/', runRoot: '/run', options: { [name]: value } })).toThrow(message)
  })

  const wish: NetworkWish = { name: 'lan', id, subnets: [], internal: false, ipv6: false, options: {} }
  const defaults = {
    parent: undefined,
    mode: 'bridge',
    subnet: undefined,
    range: undefined,
    gateway: undefined,
    ipv6: false,
  } as const

  it('says what it does not have', () => {
    expect(() => defineNetwork({ ...wish, ipv6: true }, defaults)).toThrow(/one subnet, of IPv4/)
    expect(() => defineNetwork({ ...wish, options: { parrent: 'eth0' } }, defaults)).toThrow(/Did you mean "parent"/)
    expect(() => defineNetwork({ ...wish, options: { parent: 'none0' } }, defaults)).toThrow(
      'This host has no interface none0',
    )
  })

  it('tells of a parent that is not there', async () => {
    const driver = new MacvlanNetworkDriver({ root: '/', runRoot: '/run', options: { parent: 'none0' } })
    expect(await driver.probe()).toMatchObject({ ok: false, reason: 'This host has no interface none0' })
  })
})
