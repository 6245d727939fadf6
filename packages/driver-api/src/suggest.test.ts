import { describe, expect, test } from 'vitest'
import { didYouMean, suggest } from './suggest.ts'

describe('did you mean ...?', () => {
  test.each([
    ['brigde', ['bridge', 'host', 'none'], 'bridge'],
    ['bridg', ['bridge', 'host'], 'bridge'],
    ['Bridge', ['bridge'], 'bridge'],
    ['hosts', ['ghost', 'host'], 'host'],
    ['overlya', ['copy', 'overlay'], 'overlay'],
    ['nnoe', ['none', 'node'], 'none'],
    ['macvlan', ['bridge', 'host', 'none'], undefined],
    ['x', ['host'], undefined],
    ['', ['host'], undefined],
    ['host', [], undefined],
  ])('%j of %j: %j', (given, known, expected) => expect(suggest(given, known)).toBe(expected))
})

test('as the end of a sentence', () => {
  expect(didYouMean('brigde', ['bridge'])).toBe(' Did you mean "bridge"?')
  expect(didYouMean('macvlan', ['bridge'])).toBe('')
})
