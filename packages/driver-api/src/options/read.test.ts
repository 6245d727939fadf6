import { describe, expect, it } from 'vitest'
import { suggest } from '../suggest.ts'
import { readOptions } from './read.ts'
import { booleanOption, integerOption } from './readers.ts'

const readers = { mtu: integerOption('bytes', 1280, 65535), masquerade: booleanOption }

const failure = (given: Record<string, unknown>): unknown => {
  try {
    readOptions('network.bridge', given, readers)
  } catch (error) {
    return error
  }
  return undefined
}

describe('readOptions', () => {
  it.each([
    [{}, {}],
    [{ mtu: 1400 }, { mtu: 1400 }],
    [
      { mtu: '1400', masquerade: 'false' },
      { mtu: 1400, masquerade: false },
    ],
  ])('reads %o', (given, expected) => {
    expect(readOptions('network.bridge', given, readers)).toEqual(expected)
  })

  it.each([
    [{ mtuu: 1 }, 'network.bridge has no option "mtuu". Did you mean "mtu"?'],
    [{ colour: 1 }, 'network.bridge has no option "colour".'],
    [{ toString: 1 }, 'network.bridge has no option "toString".'],
    [{ mtu: 1000 }, 'network.bridge.mtu is 1000, but must be a number of bytes from 1280 to 65535.'],
    [{ mtu: '14e2' }, 'network.bridge.mtu is "14e2", but must be a number of bytes from 1280 to 65535.'],
    [{ masquerade: null }, 'network.bridge.masquerade is null, but must be true or false.'],
  ])('refuses %o', (given, message) => {
    expect(failure(given)).toMatchObject({ code: 'RT_DRIVER_OPTION', message })
  })
})

describe('suggest', () => {
  it.each([
    ['brigde', ['none', 'host', 'bridge'], 'bridge'],
    ['hots', ['none', 'host', 'bridge'], 'host'],
    ['x', ['none', 'host'], undefined],
    ['macvlan', ['none', 'host', 'bridge'], undefined],
    ['a', [], undefined],
  ])('%s of %o is %s', (word, candidates, expected) => {
    expect(suggest(word, candidates)).toBe(expected)
  })
})
