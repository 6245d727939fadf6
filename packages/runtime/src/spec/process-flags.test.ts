import { describe, expect, test } from 'vitest'
import { parseLabelFile, parseLabels } from './labels.ts'
import { DEFAULT_MOUNTS } from './mounts.ts'
import { parseOomScoreAdj } from './oom-score.ts'
import { parseShmSize, resizeShm } from './shm-size.ts'
import { parseSysctls } from './sysctls.ts'
import { parseUlimits } from './ulimits.ts'

const usage = (message: string | RegExp) =>
  expect.objectContaining({ code: 'RT_USAGE', message: expect.stringMatching(message) })

describe('--ulimit', () => {
  test.each([
    ['nofile=1024', 'RLIMIT_NOFILE', 1024, 1024],
    ['nofile=1024:4096', 'RLIMIT_NOFILE', 1024, 4096],
    ['core=0:-1', 'RLIMIT_CORE', 0, -1],
    ['rttime=-1', 'RLIMIT_RTTIME', -1, -1],
  ])('%s', (text, type, soft, hard) => {
    expect(parseUlimits([text])).toEqual([{ type, soft, hard }])
  })
  test('the last of one type wins', () => {
    expect(parseUlimits(['core=1', 'nproc=5', 'core=2'])).toEqual([
      { type: 'RLIMIT_CORE', soft: 2, hard: 2 },
      { type: 'RLIMIT_NPROC', soft: 5, hard: 5 },
    ])
    expect(parseUlimits(undefined)).toEqual([])
  })
  test.each([
    ['core', /TYPE=SOFT/],
    ['=1', /TYPE=SOFT/],
    ['cores=1', /Did you mean/],
    ['core=', /not a whole number/],
    ['core=1:', /not a whole number/],
    ['core=1:2:3', /not a whole number/],
    ['core=-2', /not a whole number/],
    ['core=1.5', /not a whole number/],
    ['core=2:1', /above the hard/],
    ['core=-1:1', /above the hard/],
  ])('%s is refused', (text, message) => {
    expect(() => parseUlimits([text])).toThrow(usage(message))
  })
})

describe('--sysctl', () => {
  test('of the IPC and the network namespace', () => {
    const given = ['kernel.shmmax=1', 'kernel.sem=1 2 3 4', 'fs.mqueue.msg_max=5', 'net.ipv4.conf.eth0/100.rp_filter=0']
    expect(parseSysctls(given, { network: 'new' })).toEqual({
      'kernel.shmmax': '1',
      'kernel.sem': '1 2 3 4',
      'fs.mqueue.msg_max': '5',
      'net.ipv4.conf.eth0/100.rp_filter': '0',
    })
  })
  test.each([
    ['kernel.panic=1', /whole host/],
    ['kernel.shm=1', /whole host/],
    ['vm.swappiness=1', /whole host/],
    ['fs.file-max=1', /whole host/],
    ['net=1', /KEY=VALUE/],
    ['net.x=', /KEY=VALUE/],
    ['net..x=1', /KEY=VALUE/],
    ['net.//.kernel.panic=1', /KEY=VALUE/],
    ['net.x/=1', /KEY=VALUE/],
    ['=1', /KEY=VALUE/],
  ])('%s is refused', (text, message) => {
    expect(() => parseSysctls([text], { network: 'new' })).toThrow(usage(message))
  })
  test('the host\u2019s network is not the container\u2019s to set', () => {
    expect(() => parseSysctls(['net.core.somaxconn=1'], { network: 'host' })).toThrow(usage(/change the host/))
    expect(parseSysctls(['kernel.shmmax=1'], { network: 'host' })).toEqual({ 'kernel.shmmax': '1' })
  })
})

describe('--shm-size', () => {
  test.each([
    ['1', 1],
    ['64m', 67108864],
    ['1k', 1024],
    ['1.5g', 1610612736],
    ['2GB', 2147483648],
    ['1MiB', 1048576],
    ['10b', 10],
  ])('%s', (text, bytes) => {
    expect(parseShmSize(text)).toBe(bytes)
  })
  test.each(['', '0', '0.5', '-1', 'm', '1x', '1 000', '99999999999t'])('%j is refused', (text) => {
    expect(() => parseShmSize(text)).toThrow(usage(/not a size/))
  })
  test('changes rt\u2019s own mount only', () => {
    const options = (mounts: typeof DEFAULT_MOUNTS) => mounts.find((m) => m.destination === '/dev/shm')?.options
    expect(options(resizeShm(DEFAULT_MOUNTS, 4096))).toContain('size=4096')
    expect(options(resizeShm(DEFAULT_MOUNTS, 4096))).not.toContain('size=64m')
    const own = [{ destination: '/dev/shm', type: 'tmpfs', source: 'tmpfs', options: ['size=1m'] }]
    expect(resizeShm(own, 4096)).toEqual(own)
  })
})

describe('--oom-score-adj', () => {
  test.each([-1000, -1, 0, 1000])('%i', (value) => {
    expect(parseOomScoreAdj(String(value))).toBe(value)
  })
  test.each(['-1001', '1001', '', 'x', '1.5'])('%j is refused', (text) => {
    expect(() => parseOomScoreAdj(text)).toThrow(usage(/-1000 to 1000/))
  })
})

describe('labels', () => {
  test('flags win over files, the first = divides, a key alone is empty', () => {
    expect(parseLabels(['a=1', 'b=1'], ['b=2=3', 'c'])).toEqual({ a: '1', b: '2=3', c: '' })
  })
  test('a file', () => {
    expect(parseLabelFile('\uFEFF# no\n\n  a=b c \nd\r\n', 'f')).toEqual(['a=b c ', 'd'])
    expect(() => parseLabelFile('ok=1\n=x', 'f')).toThrow(usage(/^f:2: /))
    expect(() => parseLabelFile('a b=x', 'f')).toThrow(usage(/^f:1: /))
  })
  test.each(['', '=x', ' =x'])('%j has no key', (text) => {
    expect(() => parseLabels([], [text])).toThrow(usage(/no key/))
  })
})
