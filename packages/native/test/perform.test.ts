import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostStep } from '@rt/driver-api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { performLeave, performSteps, type StepError } from '../src/index.ts'
import { sysctlPath } from '../src/sys/sysctl.ts'

const why = 'test'
let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rt-test-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const at = (name: string): string => join(directory, name)
const make = (name: string, more: object = {}): HostStep => ({
  op: 'dir.make',
  where: 'host',
  path: at(name),
  mode: 0o700,
  why,
  ...more,
})
const write = (name: string, more: object = {}): HostStep => ({
  ...{ op: 'file.write', where: 'host', path: at(name), content: 'text', mode: 0o666, why },
  ...more,
})
const caught = (steps: HostStep[]): StepError => {
  try {
    performSteps(steps)
  } catch (error) {
    return error as StepError
  }
  throw new Error('nothing failed')
}

describe('performing steps', () => {
  it('makes files and directories with exact modes, whatever the umask', () => {
    const mask = process.umask(0o077)
    performSteps([make('a/b', { mode: 0o755 }), write('a/b/file')])
    process.umask(mask)
    expect(statSync(at('a/b')).mode & 0o777).toBe(0o755)
    expect(statSync(at('a/b/file')).mode & 0o777).toBe(0o666)
    expect(readFileSync(at('a/b/file'), 'utf8')).toBe('text')
  })

  it('leaves an existing directory as it is', () => {
    performSteps([make('a')])
    chmodSync(at('a'), 0o711)
    performSteps([make('a')])
    expect(statSync(at('a')).mode & 0o777).toBe(0o711)
  })

  it('takes back in reverse what it made, but nothing that was there and nothing shared', () => {
    performSteps([make('before')])
    const error = caught([
      make('before'),
      make('shared', { shared: true }),
      make('mine'),
      write('mine/lease', { exclusive: true }),
      write('missing/file'),
    ])
    expect(error).toMatchObject({ errno: 'ENOENT', code: 'RT_STEP_FAILED', step: { op: 'file.write' } })
    expect(readdirSync(directory).sort()).toEqual(['before', 'shared'])
  })

  it('keeps the first error and hangs what failed while undoing below it', () => {
    const error = caught([
      make('mine'),
      { op: 'exec', where: 'host', argv: ['touch', at('mine/stray')], why },
      { op: 'exec', where: 'host', argv: ['false'], why },
    ])
    expect(error.step).toMatchObject({ argv: ['false'] })
    expect((error.cause as AggregateError).errors.map(String).join()).toContain('directory not empty')
  })

  it('says EEXIST for a lease that is taken, in the words of the step', () => {
    const failure = { EEXIST: { code: 'RT_NET_NO_ADDRESS', message: 'Taken.', remedy: 'Wait.' } }
    performSteps([write('lease', { exclusive: true })])
    const error = caught([write('lease', { exclusive: true, content: 'other', failure })])
    expect(error).toMatchObject({ code: 'RT_NET_NO_ADDRESS', message: 'Taken.', remedy: 'Wait.', errno: 'EEXIST' })
    expect(readFileSync(at('lease'), 'utf8')).toBe('text')
  })

  it('knows a full disk', () => {
    const error = caught([{ op: 'file.write', where: 'host', path: '/dev/full', content: 'x', mode: 0o666, why }])
    expect(error).toMatchObject({ code: 'RT_DISK_FULL', errno: 'ENOSPC' })
    expect(error.message).toContain('no space left on device')
  })
})

describe('programs', () => {
  it('get their stdin and are told apart by their end', () => {
    performSteps([{ op: 'exec', where: 'host', argv: ['dd', `of=${at('out')}`, 'status=none'], stdin: 'lines\n', why }])
    expect(readFileSync(at('out'), 'utf8')).toBe('lines\n')
    const failing = ['sh', '-c', 'echo first >&2; echo last >&2; exit 3'] as const
    expect(caught([{ op: 'exec', where: 'host', argv: [...failing], why }]).message).toMatch(/\(exit status 3\): last$/)
    performSteps([{ op: 'exec', where: 'host', argv: [...failing], allowFailure: true, why }])
  })

  it('that are missing are named with their package', () => {
    expect(caught([{ op: 'exec', where: 'host', argv: ['/nowhere/iptables'], why }])).toMatchObject({
      code: 'RT_TOOL_MISSING',
      message: 'The program /nowhere/iptables is not installed.',
      remedy: 'Install the package iptables: apt-get install iptables',
    })
  })
})

describe('leaving', () => {
  const leave = (): HostStep[] => [
    { op: 'file.remove', where: 'host', path: at('file'), why },
    { op: 'dir.remove', where: 'host', path: at('full'), why },
    { op: 'cgroup.remove', where: 'host', path: at('empty'), why },
  ]

  it('goes on after a failure and can be repeated', () => {
    performSteps([make('full/inner'), make('empty'), write('file')])
    expect(performLeave(leave()).map(({ message }) => message)).toEqual([
      expect.stringContaining(`remove ${at('full')}: directory not empty`),
    ])
    expect(readdirSync(directory)).toEqual(['full'])
    rmSync(at('full'), { recursive: true })
    expect(performLeave(leave())).toEqual([])
    expect(existsSync(at('full'))).toBe(false)
  })

  it('counts a path whose parent is a file as gone', () => {
    writeFileSync(at('parent'), '')
    expect(performLeave([{ op: 'file.remove', where: 'host', path: at('parent/child'), why }])).toEqual([])
  })
})

describe('sysctl keys', () => {
  it('name files; a slash is a dot of a name', () => {
    expect(sysctlPath('net.ipv4.ip_forward')).toBe('/proc/sys/net/ipv4/ip_forward')
    expect(sysctlPath('net.ipv4.conf.eth0/100.rp_filter')).toBe('/proc/sys/net/ipv4/conf/eth0.100/rp_filter')
  })
})
