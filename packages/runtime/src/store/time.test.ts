import { expect, test } from 'vitest'
import { isoTime } from './time.ts'

test.each([
  0,
  951_782_399_999, // the last of 28 February 2000
  951_782_400_000, // 29 February 2000
  1_709_164_800_123, // 29 February 2024
  4_107_542_400_000, // 1 March 2100, which has no leap day before it
  1_795_336_547_267,
  1_767_225_599_999, // the last of a year
])('%d is written as Date writes it', (milliseconds) => {
  expect(isoTime(milliseconds)).toBe(new Date(milliseconds).toISOString())
})

test('every day of a century', () => {
  for (let day = 0; day < 36_525; day++)
    expect(isoTime(day * 86_400_000 + 1)).toBe(new Date(day * 86_400_000 + 1).toISOString())
})
