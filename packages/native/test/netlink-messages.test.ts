import type { LinkOperation } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import { formatAddress, formatMac, parseMac, parsePrefix } from '../src/netlink/address.ts'
import { encodeStep, indexedNames } from '../src/netlink/requests.ts'

const hex = (step: LinkOperation, netns?: { fd: number }) => {
  const { type, flags, body } = encodeStep(step, { index: () => 7, ...(netns === undefined ? {} : { netns }) })
  return { type, flags, body: Buffer.concat(body).toString('hex') }
}

describe('IP addresses', () => {
  it.each([
    ['10.0.0.1/8', 2, '0a000001', 8],
    ['192.0.2.255', 2, 'c00002ff', 32],
    ['fd00::1/64', 10, `fd00${'0'.repeat(24)}0001`, 64],
    ['::/0', 10, '0'.repeat(32), 0],
    ['::ffff:10.0.0.1', 10, `${'0'.repeat(20)}ffff0a000001`, 128],
    ['1:2:3:4:5:6:7:8/128', 10, '00010002000300040005000600070008', 128],
  ])('%s is read', (text, family, bytes, length) => {
    const prefix = parsePrefix(text)
    expect([prefix.family, prefix.bytes.toString('hex'), prefix.length]).toEqual([family, bytes, length])
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4/33',
    '1.2.3.04',
    ':::',
    '1::2::3',
    'fd00::1/129',
    '1:2:3:4:5:6:7',
    '10.0.0.1/x',
    'g::',
  ])('%j is refused', (text) => {
    expect(() => parsePrefix(text)).toThrow('not an IP address')
  })

  it.each([
    '::',
    '::1',
    '1::',
    'fd00::1',
    '2001:db8:0:1:1:1:1:1',
    '2001:db8::1:0:0:1',
    '1:2:3:4:5:6:7:8',
    'fe80::fc:ff:fe00:1',
  ])('%s is written in its canonical form', (text) => {
    expect(formatAddress(parsePrefix(text).bytes)).toBe(text)
  })

  it('reads and writes MAC addresses', () => {
    expect(formatMac(parseMac('02:42:AC:10:00:02'))).toBe('02:42:ac:10:00:02')
    expect(() => parseMac('02:42')).toThrow('not a MAC address')
  })
})

// Written by hand from linux/rtnetlink.h, little endian.
describe.skipIf(new Uint8Array(new Uint32Array([1]).buffer)[0] !== 1)('rtnetlink messages', () => {
  const empty = '0'.repeat(32)

  it('make a bridge with its MAC', () => {
    const message = hex({ op: 'link.add', kind: 'bridge', name: 'br0', mac: '02:00:00:00:00:01' })
    expect(message).toEqual({
      type: 16,
      flags: 0x600,
      body: [
        empty,
        '08000300',
        '62723000',
        '0a000100',
        '020000000001',
        '0000',
        '0f001200',
        '0b000100',
        '627269646765',
        '00',
      ].join(''),
    })
  })

  it('make a veth whose peer is born in another namespace', () => {
    const { body } = hex({ op: 'link.add', kind: 'veth', name: 'v', peer: { name: 'e' } }, { fd: 9 })
    const peer = ['24000100', empty, '06000300', '6500', '0000', '08001c00', '09000000'].join('')
    const info = ['38001200', '09000100', '7665746800', '000000', '28000200', peer].join('')
    expect(body).toBe([empty, '06000300', '7600', '0000', info].join(''))
  })

  it('make a macvlan on a parent, born in another namespace', () => {
    const step = { op: 'link.add', kind: 'macvlan', name: 'e', parent: 'p', mode: 'bridge' } as const
    expect(indexedNames(step)).toEqual(['p'])
    const info = ['1c001200', '0c000100', '6d6163766c616e00', '0c000200', '08000100', '04000000'].join('')
    expect(hex(step, { fd: 9 }).body).toBe(
      [empty, '06000300', '6500', '0000', '08000500', '07000000', '08001c00', '09000000', info].join(''),
    )
    expect(hex(step).body).not.toContain('08001c00')
  })

  it('make an ipvlan, whose mode is shorter', () => {
    const { body } = hex({ op: 'link.add', kind: 'ipvlan', name: 'e', parent: 'p', mode: 'l3s' })
    const info = ['1a001200', '0b000100', '6970766c616e00', '00', '0a000200', '06000100', '0200'].join('')
    expect(body).toBe([empty, '06000300', '6500', '0000', '08000500', '07000000', info].join(''))
  })

  it('bring a link up, by its name', () => {
    const message = hex({ op: 'link.set', name: 'lo', up: true })
    const header = ['00000000', '00000000', '01000000', '01000000'].join('')
    expect(message).toEqual({ type: 19, flags: 0, body: `${header}07000300${'6c6f00'}` })
  })

  it('take a link down: the flag is zero and its mask is not', () => {
    expect(hex({ op: 'link.set', name: 'lo', up: false }).body.slice(16, 32)).toBe('0000000001000000')
  })

  it('let a port of a bridge send back what it got', () => {
    const port = ['09000500', '05000400', '01'].join('')
    expect(hex({ op: 'link.set', name: 'v', hairpin: true })).toEqual({
      type: 16,
      flags: 0,
      body: [empty, '06000300', '76000000', '19001200', '0b000400', '627269646765', '0000', port].join(''),
    })
  })

  it('add an address with its broadcast', () => {
    const { type, body } = hex({ op: 'addr.add', link: 'e', address: '172.16.0.2/16' })
    expect(type).toBe(20)
    expect(body).toBe(['02100000', '07000000', '08000200ac100002', '08000100ac100002', '08000400ac10ffff'].join(''))
  })

  it('add a default route to the main table', () => {
    const { type, body } = hex({ op: 'route.add', to: 'default', via: '10.0.0.1', link: 'e' })
    expect(type).toBe(24)
    expect(body).toBe(['02000000', 'fe030001', '00000000', '080005000a000001', '0800040007000000'].join(''))
  })

  it('add a local route to the table of that name, beside those of other links', () => {
    const { type, flags, body } = hex({ op: 'route.add', to: '::1/128', link: 'e', type: 'local', metric: 2048 })
    expect([type, flags]).toEqual([24, 0xc00])
    const one = `14000100${'0'.repeat(31)}1`
    expect(body).toBe(['0a800000', 'ff030002', '00000000', one, '0800040007000000', '0800060000080000'].join(''))
    expect(hex({ op: 'route.add', to: '10.0.0.1/32', link: 'e', type: 'local' }).body.slice(8, 16)).toBe('ff03fe02')
  })

  it('ask for an index only where the kernel takes no name', () => {
    expect(indexedNames({ op: 'link.set', name: 'v', up: true })).toEqual([])
    expect(indexedNames({ op: 'link.set', name: 'v', master: 'br0' })).toEqual(['br0'])
    expect(indexedNames({ op: 'addr.add', link: 'v', address: '10.0.0.1/8' })).toEqual(['v'])
  })
})
