import { describe, expect, test } from 'vitest'
import { containerEnv, DEFAULT_PATH, parseEnvFile } from './env.ts'

const caller = { FROM_CALLER: 'yes', EMPTY: '' }
const env = (input: Partial<Parameters<typeof containerEnv>[0]>) =>
  Object.fromEntries(
    containerEnv({ hostname: 'box', terminal: false, caller, ...input }).map((entry) => [
      entry.slice(0, entry.indexOf('=')),
      entry.slice(entry.indexOf('=') + 1),
    ]),
  )
const usual = { PATH: DEFAULT_PATH, HOSTNAME: 'box' }

describe('the environment of a container: later wins', () => {
  test.each<[string, Parameters<typeof env>[0], Record<string, string>]>([
    ['nothing given: PATH and HOSTNAME', {}, usual],
    ['a terminal: TERM as well', { terminal: true }, { ...usual, TERM: 'xterm' }],
    [
      'the image wins over the defaults',
      { terminal: true, image: ['PATH=/bin', 'TERM=vt100'] },
      { ...usual, PATH: '/bin', TERM: 'vt100' },
    ],
    ['an env file wins over the image', { image: ['A=image'], files: ['A=file'] }, { ...usual, A: 'file' }],
    ['-e wins over an env file', { files: ['A=file'], flags: ['A=flag'] }, { ...usual, A: 'flag' }],
    ['a later -e wins over an earlier one', { flags: ['A=1', 'A=2'] }, { ...usual, A: '2' }],
    ["-e NAME takes the caller's value", { flags: ['FROM_CALLER'] }, { ...usual, FROM_CALLER: 'yes' }],
    ["-e NAME takes the caller's empty value", { flags: ['EMPTY'] }, { ...usual, EMPTY: '' }],
    ['-e NAME that the caller lacks removes it', { image: ['A=image'], flags: ['A'] }, usual],
    ['-e NAME= sets the empty string', { image: ['A=image'], flags: ['A='] }, { ...usual, A: '' }],
    ['only the first = counts', { flags: ['A=b=c'] }, { ...usual, A: 'b=c' }],
    ["an image cannot read the caller's environment", { image: ['FROM_CALLER'] }, usual],
    ['names differ by case', { flags: ['path=x'] }, { ...usual, path: 'x' }],
  ])('%s', (_, input, expected) => expect(env(input)).toEqual(expected))

  test('no entry is doubled', () => {
    expect(containerEnv({ hostname: 'h', terminal: true, image: ['PATH=/a'], flags: ['PATH=/b'], caller })).toEqual([
      'PATH=/b',
      'HOSTNAME=h',
      'TERM=xterm',
    ])
  })

  test('refuses an entry without a name', () => {
    expect(() => env({ flags: ['=x'] })).toThrow(
      expect.objectContaining({ code: 'RT_USAGE', message: expect.stringContaining('-e: "=x"') }),
    )
  })
})

describe('an env file', () => {
  test.each<[string, string, string[]]>([
    ['one per line', 'A=1\nB=2\n', ['A=1', 'B=2']],
    ['comments and empty lines are skipped', '# A=1\n\n   \n  # indented\nB=2', ['B=2']],
    ['# within a value is part of it', 'A=1 # not a comment', ['A=1 # not a comment']],
    ['values are literal: quotes, dollars, blanks at the end', 'A="x y" $HOME ', ['A="x y" $HOME ']],
    ['blanks before the name are skipped', '  A=1', ['A=1']],
    ['DOS line ends', 'A=1\r\nB=2\r\n', ['A=1', 'B=2']],
    ['a byte order mark is skipped', '\uFEFFA=1', ['A=1']],
    ["a name alone takes the caller's value", 'FROM_CALLER\nEMPTY', ['FROM_CALLER=yes', 'EMPTY=']],
    ['a name alone that the caller lacks is left out', 'NOT_THERE', []],
    ['an empty value stays', 'A=', ['A=']],
  ])('%s', (_, text, expected) => expect(parseEnvFile(text, 'f.env', caller)).toEqual(expected))

  test.each([
    ['=x', 'f.env:2: there is no name before the "="'],
    ['export A=1', 'f.env:2: the name "export A" contains a blank'],
    ['A =1', 'f.env:2: the name "A " contains a blank'],
    ['A=\0', 'f.env:2: there is a NUL character in it'],
    ['two words', 'f.env:2: the name "two words" contains a blank'],
  ])('refuses %j', (line, says) => {
    expect(() => parseEnvFile(`OK=1\n${line}`, 'f.env', caller)).toThrow(
      expect.objectContaining({ code: 'RT_USAGE', message: expect.stringContaining(says) }),
    )
  })
})
