import { describe, expect, it } from 'vitest'
import { lifted } from '../limits/lift.ts'
import { parseDevices } from './devices.ts'
import type { LimitHost } from './limit-host.ts'
import { type LimitFlags, parseLimits } from './limits.ts'

const MB = 1024 ** 2
const host: LimitHost = {
  onlineCpus: () => [0, 1, 2, 3],
  onlineNodes: () => [0],
  device: (path) =>
    path === '/dev/sda'
      ? { type: 'b', major: 8, minor: 0, mode: 0o660 }
      : path === '/dev/fuse'
        ? { type: 'c', major: 10, minor: 229, mode: 0o666 }
        : undefined,
}
const parse = (flags: LimitFlags) => parseLimits(flags, host)

describe('limits as Docker reads them', () => {
  it.each<[LimitFlags, unknown]>([
    [{}, undefined],
    [{ cpus: '0.2' }, { cpu: { quota: 20_000, period: 100_000 } }],
    [{ cpus: '.5' }, { cpu: { quota: 50_000, period: 100_000 } }],
    [{ cpus: '4' }, { cpu: { quota: 400_000, period: 100_000 } }],
    [{ 'cpu-quota': '25000' }, { cpu: { quota: 25_000 } }],
    [{ 'cpu-quota': '-1', 'cpu-period': '50000' }, { cpu: { quota: -1, period: 50_000 } }],
    [
      { 'cpu-shares': '512', 'cpuset-cpus': '0-2,3', 'cpuset-mems': '0' },
      { cpu: { shares: 512, cpus: '0-2,3', mems: '0' } },
    ],
    [{ memory: '64m' }, { memory: { limit: 64 * MB } }],
    [{ memory: '67108864' }, { memory: { limit: 64 * MB } }],
    [{ memory: '0.5GiB', 'memory-swap': '-1' }, { memory: { limit: 512 * MB, swap: -1 } }],
    [
      { memory: '64M', 'memory-swap': '64mb', 'memory-reservation': '32m' },
      { memory: { limit: 64 * MB, swap: 64 * MB, reservation: 32 * MB } },
    ],
    [{ memory: '0', 'memory-swap': '0' }, undefined],
    [{ 'pids-limit': '20' }, { pids: { limit: 20 } }],
    [{ 'pids-limit': '-1' }, undefined],
    [
      { 'blkio-weight': '300', 'device-read-bps': ['/dev/sda:1mb'], 'device-write-iops': ['/dev/sda:50'] },
      {
        blockIO: {
          weight: 300,
          throttleReadBpsDevice: [{ major: 8, minor: 0, rate: MB }],
          throttleWriteIOPSDevice: [{ major: 8, minor: 0, rate: 50 }],
        },
      },
    ],
  ])('%j', (flags, expected) => {
    expect(parse(flags)).toEqual(expected)
  })

  it.each<[LimitFlags, RegExp]>([
    [{ cpus: '4.01' }, /this machine has 4/],
    [{ cpus: '0' }, /0 CPUs cannot be had/],
    [{ cpus: '-1' }, /not a number/],
    [{ cpus: 'NaN' }, /not a number/],
    [{ cpus: '1e1' }, /not a number/],
    [{ cpus: '1', 'cpu-period': '1000' }, /--cpus and --cpu-period/],
    [{ 'cpuset-cpus': '2-9' }, /no CPU 4/],
    [{ memory: '5m' }, /6 MiB/],
    [{ memory: '-64m' }, /not a size/],
    [{ memory: '64mm' }, /not a size/],
    [{ memory: '9999999p' }, /more than any machine/],
    [{ 'memory-reservation': '1k' }, /6 MiB/],
    [{ 'pids-limit': '1.5' }, /whole number/],
    [{ 'cpu-shares': '262145' }, /out of range/],
    [{ 'device-read-bps': ['/dev/fuse:1mb'] }, /not a disk/],
    [{ 'device-read-bps': ['sda:1mb'] }, /not a disk and a rate/],
  ])('%j is impossible', (flags, message) => {
    expect(() => parse(flags)).toThrow(
      expect.objectContaining({ code: 'RT_LIMIT_INVALID', message: expect.stringMatching(message) }),
    )
  })
})

describe('--device', () => {
  const node = { type: 'c', major: 10, minor: 229, fileMode: 0o666 }
  it.each([
    ['/dev/fuse', '/dev/fuse', 'rwm'],
    ['/dev/fuse:/dev/x/../f', '/dev/f', 'rwm'],
    ['/dev/fuse:r', '/dev/fuse', 'r'],
    ['/dev/fuse:/dev/f:rw', '/dev/f', 'rw'],
  ])('%s', (text, path, access) => {
    const { nodes, rules } = parseDevices([text], host)
    expect(nodes).toEqual([{ ...node, path }])
    expect(rules).toEqual([{ allow: true, type: 'c', major: 10, minor: 229, access }])
  })

  it.each(['/dev/none', '/dev/fuse:/dev/f:rr', '/dev/fuse:f', 'fuse', '/dev/fuse:/a:r:w'])('%s is none', (text) => {
    expect(() => parseDevices([text], host)).toThrow(expect.objectContaining({ code: 'RT_USAGE' }))
  })
})

describe('limits that are taken back', () => {
  it('are written as what has no limit', () => {
    const before = parse({
      memory: '64m',
      cpus: '1',
      'cpu-shares': '2',
      'pids-limit': '9',
      'device-read-bps': ['/dev/sda:1m'],
    })
    expect(lifted(before, undefined)).toEqual({
      memory: { limit: -1 },
      cpu: { quota: -1, period: 100_000, shares: 1024 },
      pids: { limit: -1 },
      blockIO: { throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 0 }] },
    })
    expect(lifted(before, parse({ memory: '32m', 'pids-limit': '9' }))).toMatchObject({
      memory: { limit: 32 * MB },
      pids: { limit: 9 },
      cpu: { quota: -1 },
    })
    expect(lifted(undefined, parse({ memory: '32m' }))).toEqual({ memory: { limit: 32 * MB } })
  })
})
