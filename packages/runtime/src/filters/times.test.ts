import { describe, expect, it } from 'vitest'
import { formatTime, parseTime } from './times.ts'

const now = Date.parse('2026-01-31T12:00:00Z')
const at = (iso: string): bigint => BigInt(Date.parse(iso)) * 1_000_000n

describe('parseTime', () => {
  it.each([
    ['2026-01-31T11:00:00Z', at('2026-01-31T11:00:00Z')],
    ['2026-01-31T11:00:00.123456789Z', at('2026-01-31T11:00:00Z') + 123_456_789n],
    ['2026-01-31T13:00:00+02:00', at('2026-01-31T11:00:00Z')],
    ['2026-01-31', at(new Date(2026, 0, 31).toISOString())],
    ['2026-01-31T10:30', at(new Date(2026, 0, 31, 10, 30).toISOString())],
    ['1769857200', 1_769_857_200_000_000_000n],
    ['1769857200.5', 1_769_857_200_500_000_000n],
    ['10m', at('2026-01-31T11:50:00Z')],
    ['1h30m', at('2026-01-31T10:30:00Z')],
    ['1.5s', at('2026-01-31T12:00:00Z') - 1_500_000_000n],
    ['-1h', at('2026-01-31T13:00:00Z')],
  ])('%s', (text, expected) => {
    expect(parseTime(text, '--since', now)).toBe(expected)
  })

  it.each(['', 'yesterday', '10', '10x', '2026-13-01', '1h30', '5m x', '2026-01-31T25:00:00Z'])(
    'refuses %j, or takes it as a number',
    (text) => {
      if (text === '10') expect(parseTime(text, '--since', now)).toBe(10_000_000_000n)
      else expect(() => parseTime(text, '--since', now)).toThrow(/--since: ".*" is not a time/)
    },
  )

  it('keeps every nanosecond on the way back', () => {
    const text = '2026-01-31T11:00:00.123456789Z'
    expect(formatTime(parseTime(text, '--since', now))).toBe(text)
  })
})
