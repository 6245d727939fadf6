import { describe, expect, test } from 'vitest'
import { goTime, wholeSeconds } from './time.ts'

describe('a time as Docker writes it in listings', () => {
  test.each([
    ['2026-11-27T17:00:00.120Z', '2026-11-27 17:00:00 +0000 UTC'],
    ['2026-11-27T17:00:00.123456789Z', '2026-11-27 17:00:00 +0000 UTC'],
    ['2026-11-27T18:00:00+01:00', '2026-11-27 17:00:00 +0000 UTC'],
    ['long ago', 'long ago'],
  ])('%s', (given, expected) => expect(goTime(given)).toBe(expected))

  test.each([
    ['2026-11-27T17:00:00.120Z', '2026-11-27 17:00:00.12 +0000 UTC'],
    ['2026-11-27T17:00:00.000Z', '2026-11-27 17:00:00 +0000 UTC'],
  ])('%s, of a network', (given, expected) => expect(goTime(given, { fraction: true })).toBe(expected))

  test('of a step of an image', () =>
    expect(wholeSeconds('2026-11-27T17:00:00.123456789Z')).toBe('2026-11-27T17:00:00Z'))
})
