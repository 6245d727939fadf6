import { describe, expect, it } from 'vitest'
import { formatIpv4, parseIpv4 } from './ipv4.ts'
import { bridgeMac, containerMac, gatewayOfMac } from './mac.ts'
import { POOLS } from './pools.ts'
import { broadcastOf, formatSubnet, gatewayOf, overlaps, parseSubnet, type Subnet } from './subnet.ts'

const subnet = (text: string): Subnet => {
  const parsed = parseSubnet(text)
  if (parsed === undefined) throw new Error(`not a subnet: ${text}`)
  return parsed
}

describe('IPv4', () => {
  it.each(['0.0.0.0', '172.16.0.1', '255.255.255.255'])('%s is the same after parsing and formatting', (text) => {
    expect(formatIpv4(parseIpv4(text) as number)).toBe(text)
  })
  it.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.x', '::1', ' 1.2.3.4'])(
    '%j is no address',
    (text) => {
      expect(parseIpv4(text)).toBeUndefined()
    },
  )
})

describe('subnets', () => {
  it.each([
    ['172.16.0.0/16', '172.16.0.1', '172.16.255.255'],
    ['172.16.9.1/16', '172.16.0.1', '172.16.255.255'],
    ['192.168.7.248/29', '192.168.7.249', '192.168.7.255'],
    ['10.0.0.0/8', '10.0.0.1', '10.255.255.255'],
  ])('%s has the gateway %s and the broadcast address %s', (text, gateway, broadcast) => {
    expect(formatIpv4(gatewayOf(subnet(text)))).toBe(gateway)
    expect(formatIpv4(broadcastOf(subnet(text)))).toBe(broadcast)
  })
  it.each(['172.16.0.0', '172.16.0.0/33', '172.16.0.0/x', 'default', '2001:db8::/32', '/16'])(
    '%j is no subnet',
    (text) => {
      expect(parseSubnet(text)).toBeUndefined()
    },
  )
  it.each([
    ['172.16.0.0/16', '172.16.0.0/12', true],
    ['172.16.0.0/16', '172.16.255.255/32', true],
    ['172.16.0.0/16', '172.17.0.0/16', false],
    ['172.16.0.0/16', '172.15.0.0/16', false],
    ['0.0.0.0/0', '10.0.0.0/8', true],
  ])('%s and %s overlap: %s', (one, other, expected) => {
    expect(overlaps(subnet(one), subnet(other))).toBe(expected)
    expect(overlaps(subnet(other), subnet(one))).toBe(expected)
  })
})

describe('MAC addresses', () => {
  const gateway = parseIpv4('172.16.0.1') as number
  it('of the bridge is locally administered, unicast, and tells its address', () => {
    expect(bridgeMac(gateway)).toBe('72:74:ac:10:00:01')
    expect(0x72 & 0b11).toBe(0b10)
    expect(gatewayOfMac(bridgeMac(gateway))).toBe(gateway)
    expect(gatewayOfMac('02:42:ac:10:00:01')).toBeUndefined()
  })
  it('of a container follows its address', () => {
    expect(containerMac(parseIpv4('172.16.1.254') as number)).toBe('02:42:ac:10:01:fe')
  })
})

describe('pools', () => {
  it('begin with 172.16.0.0/16, are private, canonical, and do not overlap', () => {
    expect(formatSubnet(POOLS[0] as Subnet)).toBe('172.16.0.0/16')
    const privates = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(subnet)
    for (const [index, pool] of POOLS.entries()) {
      expect(privates.some((each) => overlaps(each, pool))).toBe(true)
      expect(subnet(formatSubnet(pool))).toEqual(pool)
      expect(POOLS.slice(index + 1).filter((other) => overlaps(pool, other))).toEqual([])
    }
  })
})
