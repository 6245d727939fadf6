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
import { gatewayOf, parseSubnet, type Subnet } from '../address/subnet.ts'
import { LeaseStore } from './lease-store.ts'

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>()
  return { ...real, linkSync: vi.fn(real.linkSync), readdirSync: vi.fn(real.readdirSync) }
})

const small = parseSubnet('10.0.0.0/29') as Subnet
const id = (number: number): string => number.toString(16).padStart(64, '0')

let directory: string
let store: LeaseStore

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rt-leases-'))
  store = new LeaseStore(join(directory, 'br0'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const reserve = (number: number, subnet = small): string =>
  formatIpv4(store.reserve(id(number), subnet, gatewayOf(subnet)))
const release = (address: string): void => unlinkSync(join(store.directory, 'leases', address))

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
    expect(readdirSync(join(store.directory, 'leases')).filter((name) => name.startsWith('.reserve-'))).toEqual([])
  })

  it('writes who has it in the same moment', () => {
    expect(readFileSync(join(store.directory, 'leases', reserve(9)), 'utf8')).toBe(id(9))
  })

  it('skips a gateway that is not the first address', () => {
    const gateway = small.network + 2
    expect(formatIpv4(store.reserve(id(1), small, gateway))).toBe('10.0.0.1')
    expect(formatIpv4(store.reserve(id(2), small, gateway))).toBe('10.0.0.3')
  })

  it.each(['', 'rubbish', '192.0.2.77'])('does without a usable hint (%j)', (hint) => {
    reserve(1)
    writeFileSync(join(store.directory, 'last'), hint)
    expect(reserve(2)).toBe('10.0.0.3')
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
    writeFileSync(join(store.directory, 'leases', '10.0.0.6'), '')
    writeFileSync(join(store.directory, 'leases', `.reserve-${id(3)}`), id(3))
    writeFileSync(join(store.directory, 'leases', `.reserve-${id(1)}`), id(1))
    expect([...store.stale(new Set([id(1)]))].sort()).toEqual(
      [join('leases', dead as string), join('leases', '10.0.0.6'), join('leases', `.reserve-${id(3)}`)]
        .map((name) => join(store.directory, name))
        .sort(),
    )
  })

  it('leaves a container with several leases the newest', () => {
    const [old, young] = [reserve(1), reserve(1)]
    utimesSync(join(store.directory, 'leases', old as string), 1, 1)
    expect(store.stale(new Set([id(1)]))).toEqual([join(store.directory, 'leases', old as string)])
    expect(existsSync(join(store.directory, 'leases', young as string))).toBe(true)
  })

  it('has nothing stale where nothing ever was', () => {
    expect(new LeaseStore(join(directory, 'none')).stale(new Set())).toEqual([])
  })
})
