import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostStep } from '@rt/driver-api'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { canShimPerform, lock, performByShim, performSteps, readCount, ShimStepError } from '../src/index.ts'

type ExecStep = HostStep & { readonly op: 'exec' }

describe.each([
  ['TypeScript', performSteps],
  ['the shim', performByShim],
])('a program of the host, by %s', (_, perform) => {
  let base = ''
  const at = (name: string): string => join(base, name)
  const run = (script: string, more: Partial<ExecStep> = {}): void =>
    perform([{ where: 'host', op: 'exec', argv: ['sh', '-c', script, 'sh', at('out')], why: 'test', ...more }])
  const out = (): string => readFileSync(at('out'), 'utf8')

  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'rt-program-'))
  })
  beforeEach(() => rmSync(at('lock'), { force: true }))
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  it('gets its input, however long, and need not read it', () => {
    const stdin = 'rule\n'.repeat(50_000)
    run('cat >"$1"', { stdin })
    expect(out()).toBe(stdin)
    run('echo done >"$1"', { stdin })
    expect(out()).toBe('done\n')
  })

  it('has nothing at its standard input where it gets none', () => {
    run('cat >"$1"')
    expect(out()).toBe('')
  })

  it('that fails is an error, unless it may', () => {
    expect(() => run('exit 3')).toThrow()
    expect(() => run('kill -9 $$')).toThrow()
    run('echo tried >"$1"; exit 3', { allowFailure: true })
    expect(out()).toBe('tried\n')
  })

  it('counts its successes in the file of its lock, and nothing else', () => {
    run('exit 0', { lock: at('lock') })
    expect(readCount(at('lock'))).toBe(0)
    run('exit 0', { lock: at('lock'), counts: 2 })
    run('exit 0', { lock: at('lock'), counts: 3 })
    run('exit 1', { lock: at('lock'), counts: 7, allowFailure: true })
    expect(() => run('exit 1', { lock: at('lock'), counts: 7 })).toThrow()
    expect(readCount(at('lock'))).toBe(5)
  })

  it('counts from zero where the file holds no number', () => {
    writeFileSync(at('lock'), 'abc')
    run('exit 0', { lock: at('lock'), counts: 2 })
    expect(readCount(at('lock'))).toBe(2)
    expect(readCount(at('no such file'))).toBe(0)
  })

  it('runs under its lock, which nobody has afterwards', () => {
    // flock(1) has another kind of lock: the list of the kernel is asked.
    const script = 'inode=$(stat -c %i "$2"); grep -c ":$inode " /proc/locks >"$1"'
    run('', { lock: at('lock'), argv: ['sh', '-c', script, 'sh', at('out'), at('lock')] })
    expect(out()).toBe('1\n')
    lock(at('lock')).release()
  })
})

describe('a program of the host, by the shim', () => {
  let base = ''
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'rt-program-'))
  })
  afterAll(() => rmSync(base, { recursive: true, force: true }))
  const step = (...argv: [string, ...string[]]): ExecStep => ({ where: 'host', op: 'exec', argv, why: 'test' })

  it('is looked for when the plan is compiled, and left to TypeScript where it is not there', () => {
    expect(canShimPerform(step('true'))).toBe(true)
    expect(canShimPerform(step('no-such-program-anywhere'))).toBe(false)
  })

  it('that is gone by then is an error with its path', () => {
    expect(() => performByShim([step('/no/such/program')])).toThrow(ShimStepError)
    expect(() => performByShim([step('/no/such/program')])).toThrow('/no/such/program')
  })

  it('has no descriptor, no signal mask, no session and no environment of the shim\u2019s', () => {
    const script = `
      { ls /proc/self/fd; grep -E 'Sig(Blk|Ign)' /proc/self/status; env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= | sort
        [ "$(cut -d' ' -f6 /proc/$$/stat)" = $$ ] && echo own session; } >"$1"`
    process.env.RT_TEST_LEAK = 'yes'
    performByShim([step('sh', '-c', script, 'sh', join(base, 'out'))])
    delete process.env.RT_TEST_LEAK
    expect(readFileSync(join(base, 'out'), 'utf8').split('\n').filter(Boolean)).toEqual([
      // The last one is the directory that ls reads.
      ...['0', '1', '2', '3'],
      'SigBlk:\t0000000000000000',
      expect.stringMatching(/^SigIgn:\t0000000000000000$/),
      'LC_ALL=C',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'own session',
    ])
  })
})

it('a program that has a condition runs only where a path is there, or is not; the shim leaves it to TypeScript', () => {
  const base = mkdtempSync(join(tmpdir(), 'rt-program-'))
  const [out, path] = [join(base, 'out'), join(base, 'path')]
  const run = (word: string, when: NonNullable<ExecStep['when']>): string => {
    const argv = ['sh', '-c', `echo ${word} >"$1"`, 'sh', out] as const
    performSteps([{ where: 'host', op: 'exec', argv, when, why: 'test' }])
    return readFileSync(out, 'utf8')
  }
  try {
    expect(run('one', { missing: path })).toBe('one\n')
    expect(run('two', { exists: path })).toBe('one\n')
    writeFileSync(path, '')
    expect(run('three', { missing: path })).toBe('one\n')
    expect(run('four', { exists: path })).toBe('four\n')
    expect(canShimPerform({ where: 'host', op: 'exec', argv: ['true'], when: { exists: '/' }, why: '' })).toBe(false)
  } finally {
    rmSync(base, { recursive: true })
  }
})
