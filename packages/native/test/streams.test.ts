import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const shim = join(import.meta.dirname, '../shim')
let base = ''
const driver = (args: readonly string[], input: string | Uint8Array = ''): string =>
  execFileSync(join(base, 'streams'), args, { input, encoding: 'utf8' })

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'rt-streams-'))
  const cc = spawnSync('musl-gcc', ['--version']).status === 0 ? 'musl-gcc' : 'cc'
  const flags = ['-std=gnu11', '-static', '-Os', '-Wall', '-Wextra', '-Werror', '-D_GNU_SOURCE', `-I${shim}`]
  const parts = ['detach_keys', 'log_line', 'plan', 'restart', 'spool', 'util'].map((name) => join(shim, `${name}.c`))
  const sources = [join(import.meta.dirname, 'shim/streams-driver.c'), ...parts]
  execFileSync(cc, [...flags, '-D_FILE_OFFSET_BITS=64', '-o', join(base, 'streams'), ...sources])
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

describe('a line of the log', () => {
  const text = (input: string | Uint8Array): string => JSON.parse(driver(['line'], input)).log

  it('is JSON of what was written', () => {
    const line = driver(['line'], 'plain\n')
    expect(line).toMatch(/^\{"log":"plain\\n","stream":"stdout","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z"\}\n$/)
    for (const input of ['', 'ä€😀\u0007\r\n', '"\\/<>&\u2028\u2029\u0000', '\u007f\u0080\ud7ff\ue000\uffff\u{10ffff}'])
      expect(text(input)).toBe(input)
  })

  // Go's decoder, which Docker uses, replaces each byte of a sequence that is not valid; TextDecoder replaces maximal parts of one.
  it.each([
    [[0xff, 0x41], '\ufffdA'],
    [[0xc3], '\ufffd'],
    [[0xe2, 0x82], '\ufffd\ufffd'],
    [[0xe2, 0x82, 0x41], '\ufffd\ufffdA'],
    [[0xc0, 0x80], '\ufffd\ufffd'],
    [[0xe0, 0x80, 0x80], '\ufffd\ufffd\ufffd'],
    [[0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'],
    [[0xf0, 0x8f, 0xbf, 0xbf], '\ufffd\ufffd\ufffd\ufffd'],
    [[0xf4, 0x90, 0x80, 0x80], '\ufffd\ufffd\ufffd\ufffd'],
    [[0xf5, 0x80, 0x80, 0x80], '\ufffd\ufffd\ufffd\ufffd'],
  ])('has the replacement character for what is not UTF-8: %j', (bytes, expected) => {
    expect(text(Uint8Array.from(bytes))).toBe(expected)
  })
})

describe('detach keys', () => {
  it.each([
    ['16,17', ['ab\x10', '\x11rest'], 'ab\n!\n'],
    ['16,17', ['\x10x', '\x10\x10\x11'], '\x10x\n\x10!\n'],
    ['16,17', ['x\x11\x10y'], 'x\x11\x10y\n'],
    ['97', ['bca'], 'bc!\n'],
    ['97,97,98', ['aac', 'aab'], 'aac\n!\n'],
    ['-', ['\x10\x11'], '\x10\x11\n'],
    [Array(65).fill(1).join(), ['x'], 'too long\n'],
  ])('%s in %j', (keys, chunks, expected) => expect(driver(['keys', keys, ...chunks])).toBe(expected))
})

it('a spool keeps every message in order, around its end as well, and gives the disk back', () => {
  expect(driver(['spool', base, '6'])).toBe('1 0 1\n')
})

it('waits double up to a minute, and begin anew after a run of ten seconds', () => {
  const runs = Array(13).fill('0')
  expect(driver(['delays', ...runs, '9000', '10000', '0'])).toBe(
    '100 200 400 800 1600 3200 6400 12800 25600 51200 60000 60000 60000 60000 100 200 \n',
  )
})
