import * as fs from 'node:fs'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { formatIpv4 } from '../address/ipv4.ts'
import { formatIpv6, parseIpv6 } from '../address/ipv6.ts'
import { gatewayOf, parseSubnet, type Subnet } from '../address/subnet.ts'
import { parseSubnet6, type Subnet6 } from '../address/subnet6.ts'
import type { BridgeNetwork } from '../choose-subnet.ts'
import { LeaseStore } from './lease-store.ts'
import type { Wanted } from './numbers.ts'
import { staleLeases } from './stale.ts'

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>()
  return { ...real, linkSync: vi.fn(real.linkSync), readdirSync: vi.fn(real.readdirSync) }
})

const small = parseSubnet('10.0.0.0/29') as Subnet
const id = (number: number): string => number.toString(16).padStart(64, '0')

let directory: string
let bridge: string
let store: LeaseStore

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rt-leases-'))
  bridge = join(directory, 'br0')
  store = new LeaseStore(bridge)
})
afterEach(() => rmSync(directory, { recursive: true }))

const networkOf = (subnet: Subnet): BridgeNetwork => ({ subnet, gateway: gatewayOf(subnet) })
const reserve = (number: number, subnet = small): string =>
  formatIpv4(store.reserve(id(number), networkOf(subnet)).address)
const release = (address: string): void => unlinkSync(join(bridge, 'leases', address))

describe('LeaseStore', () => {
  it('gives addresses in turn, and the one just given back last', () => {
    expect([1, 2, 3].map((number) => reserve(number))).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.4'])
    release('10.0.0.3')
    expect([4, 5, 6].map((number) => reserve(number))).toEqual(['10.0.0.5', '10.0.0.6', '10.0.0.3'])
  })

  it('says when all are taken, and heals when one is given back', () => {
    for (let number = 1; number <= 5; number++) reserve(number)
    expect(() => reserve(6)).toThrow(expect.objectContaining({ code: 'RT_NET_NO_ADDRESS' }))
    release('10.0.0.4')
    expect(reserve(7)).toBe('10.0.0.4')
    expect(readdirSync(join(bridge, 'leases')).filter((name) => name.startsWith('.reserve-'))).toEqual([])
  })

  it('writes who has it in the same moment', () => {
    expect(readFileSync(join(bridge, 'leases', reserve(9)), 'utf8')).toBe(id(9))
  })

  it('skips a gateway that is not the first address', () => {
    const gateway = small.network + 2
    expect(formatIpv4(store.reserve(id(1), { subnet: small, gateway }).address)).toBe('10.0.0.1')
    expect(formatIpv4(store.reserve(id(2), { subnet: small, gateway }).address)).toBe('10.0.0.3')
  })

  it.each(['', 'rubbish', '192.0.2.77'])('does without a usable hint (%j)', (hint) => {
    reserve(1)
    writeFileSync(join(bridge, 'notes'), hint)
    expect(formatIpv4(new LeaseStore(bridge).reserve(id(2), networkOf(small)).address)).toBe('10.0.0.3')
  })

  it('tries one name however many are taken, and lists no directory', () => {
    const large = parseSubnet('10.0.0.0/16') as Subnet
    for (let number = 0; number < 300; number++) reserve(number, large)
    vi.mocked(fs.linkSync).mockClear()
    vi.mocked(fs.readdirSync).mockClear()
    expect(reserve(300, large)).toBe('10.0.1.46')
    expect(fs.linkSync).toHaveBeenCalledTimes(1)
    expect(fs.readdirSync).not.toHaveBeenCalled()
  })

  it('finds what belongs to nobody who lives, empty files and drafts included', () => {
    const [, dead] = [reserve(1), reserve(2)]
    writeFileSync(join(bridge, 'leases', '10.0.0.6'), '')
    writeFileSync(join(bridge, 'leases', `.reserve-${id(3)}`), id(3))
    writeFileSync(join(bridge, 'leases', `.reserve-${id(1)}`), id(1))
    expect([...staleLeases(bridge, new Set([id(1)]))].sort()).toEqual(
      [join('leases', dead as string), join('leases', '10.0.0.6'), join('leases', `.reserve-${id(3)}`)]
        .map((name) => join(bridge, name))
        .sort(),
    )
  })

  it('leaves a container with several leases the newest', () => {
    const [old, young] = [reserve(1), reserve(1)]
    utimesSync(join(bridge, 'leases', old as string), 1, 1)
    expect(staleLeases(bridge, new Set([id(1)]))).toEqual([join(bridge, 'leases', old as string)])
    expect(existsSync(join(bridge, 'leases', young as string))).toBe(true)
  })

  it('has nothing stale where nothing ever was', () => {
    expect(staleLeases(join(directory, 'none'), new Set())).toEqual([])
  })
})

const both: BridgeNetwork = {
  subnet: parseSubnet('10.5.0.0/16') as Subnet,
  gateway: (parseSubnet('10.5.0.0/16') as Subnet).network + 254,
  v6: { subnet: parseSubnet6('fd00:5::/64') as Subnet6, gateway: parseIpv6('fd00:5::1') as bigint },
}
const lease = (number: number, network: BridgeNetwork, wanted?: Wanted): string[] => {
  const { address, address6, files } = store.reserve(id(number), network, wanted)
  const names = files.map((path) => path.split('/').at(-1) as string)
  return [formatIpv4(address), address6 === undefined ? 'none' : formatIpv6(address6), ...names]
}
const refusal = (number: number, network: BridgeNetwork, wanted: Wanted): string => {
  try {
    return lease(number, network, wanted).join()
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return `${code} ${message}`
  }
}

describe('addresses that are asked for', () => {
  it('are leased, and only once: the holder is named', () => {
    const network = networkOf(small)
    expect(lease(1, network, { ip: '10.0.0.5' })).toEqual(['10.0.0.5', 'none', '10.0.0.5'])
    expect(refusal(2, network, { ip: '10.0.0.5' })).toBe(
      'RT_NET_ADDRESS_TAKEN The address 10.0.0.5 is leased to the container 000000000000.',
    )
    expect([3, 4, 5].map((number) => reserve(number))).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.4'])
    expect(reserve(6)).toBe('10.0.0.6')
    expect(readdirSync(join(bridge, 'leases')).some((name) => name.startsWith('.'))).toBe(false)
  })

  it('come back to a container that was killed before it gave them back', () => {
    expect(lease(1, networkOf(small), { ip: '10.0.0.5' })[0]).toBe('10.0.0.5')
    expect(lease(1, networkOf(small), { ip: '10.0.0.5' })[0]).toBe('10.0.0.5')
  })

  it.each<[Wanted, string]>([
    [{ ip: '10.5.0.256' }, '"10.5.0.256" is not an IPv4 address.'],
    [{ ip: '10.6.0.1' }, "10.6.0.1 is not in the network's subnet 10.5.0.0/16."],
    [{ ip: '10.5.0.0' }, '10.5.0.0 is the network address of 10.5.0.0/16.'],
    [{ ip: '10.5.255.255' }, '10.5.255.255 is the broadcast address of 10.5.0.0/16.'],
    [{ ip: '10.5.0.254' }, "10.5.0.254 is the gateway, the host's own address, of 10.5.0.0/16."],
    [{ ip: '10.5.0.1' }, '10.5.0.1 has no counterpart that a container may have in fd00:5::/64.'],
    [{ ip6: 'fd00::1::2' }, '"fd00::1::2" is not an IPv6 address.'],
    [{ ip6: 'fd00:6::2' }, "fd00:6::2 is not in the network's subnet fd00:5::/64."],
    [{ ip6: 'fd00:5::' }, 'fd00:5:: is the network address of fd00:5::/64.'],
    [{ ip6: 'fd00:5::1' }, "fd00:5::1 is the gateway, the host's own address, of fd00:5::/64."],
  ])('%o are refused', (wanted, message) => {
    expect(refusal(1, both, wanted)).toBe(`RT_NET_ADDRESS_INVALID ${message}`)
  })

  it('of IPv6 are refused where the network has none', () => {
    expect(refusal(1, networkOf(small), { ip6: 'fd00:5::2' })).toBe(
      'RT_NET_ADDRESS_INVALID fd00:5::2 cannot be given: the network has no IPv6.',
    )
  })

  it('of both families have one number, and one lease', () => {
    expect(lease(1, both)).toEqual(['10.5.0.2', 'fd00:5::2', '10.5.0.2'])
    expect(lease(2, both, { ip: '10.5.1.0' })).toEqual(['10.5.1.0', 'fd00:5::100', '10.5.1.0'])
    expect(lease(3, both, { ip6: 'fd00:5::200' })).toEqual(['10.5.2.0', 'fd00:5::200', '10.5.2.0'])
  })

  it('have two where the numbers differ', () => {
    expect(lease(1, both, { ip: '10.5.0.9', ip6: 'fd00:5::7' })).toEqual([
      ...['10.5.0.9', 'fd00:5::7'],
      ...['10.5.0.9', '10.5.0.7'],
    ])
    expect(refusal(2, both, { ip: '10.5.0.7' })).toMatch(/^RT_NET_ADDRESS_TAKEN /)
    expect(lease(3, both, { ip6: 'fd00:5::abcd:1' })).toEqual([
      ...['10.5.0.2', 'fd00:5::abcd:1'],
      ...['fd00:5::abcd:1', '10.5.0.2'],
    ])
    expect(refusal(4, both, { ip6: 'fd00:5::abcd:1' })).toMatch(/^RT_NET_ADDRESS_TAKEN .* fd00:5::abcd:1 /)
    // Number 254 is the gateway's in IPv4.
    expect(lease(5, both, { ip6: 'fd00:5::fe' })).toEqual(['10.5.0.3', 'fd00:5::fe', '10.5.0.254', '10.5.0.3'])
    expect(staleLeases(bridge, new Set([id(1), id(3), id(5)]))).toEqual([])
  })

  it('leave nothing behind when the second cannot be had', () => {
    lease(1, both, { ip: '10.5.0.7' })
    expect(refusal(2, both, { ip: '10.5.0.9', ip6: 'fd00:5::7' })).toMatch(/^RT_NET_ADDRESS_TAKEN /)
    expect(readdirSync(join(bridge, 'leases'))).toEqual(['10.5.0.7'])
  })
})

describe('a range', () => {
  const range = parseSubnet('10.5.7.0/30') as Subnet

  it('bounds what is given, not what may be asked for', () => {
    const network = { ...networkOf(both.subnet), range }
    expect([1, 2, 3, 4].map((number) => lease(number, network)[0])).toEqual([
      '10.5.7.0',
      '10.5.7.1',
      '10.5.7.2',
      '10.5.7.3',
    ])
    expect(refusal(5, network, {})).toBe('RT_NET_NO_ADDRESS Every address of 10.5.7.0/30 is leased to a container.')
    expect(lease(6, network, { ip: '10.5.9.9' })[0]).toBe('10.5.9.9')
    unlinkSync(join(bridge, 'leases', '10.5.7.1'))
    expect(lease(7, network)[0]).toBe('10.5.7.1')
  })

  it('of IPv6 counts as well', () => {
    const v6 = { ...(both.v6 as NonNullable<typeof both.v6>), range: parseSubnet6('fd00:5::100/127') as Subnet6 }
    expect([1, 2].map((number) => lease(number, { ...both, v6 })[1])).toEqual(['fd00:5::100', 'fd00:5::101'])
    expect(refusal(3, { ...both, v6 }, {})).toMatch(/^RT_NET_NO_ADDRESS /)
  })
})
