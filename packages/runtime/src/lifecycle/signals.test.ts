import { describe, expect, it } from 'vitest'
import { parseSignal } from './signals.ts'

describe('parseSignal', () => {
  it.each([
    ['TERM', 15],
    ['SIGTERM', 15],
    ['sigterm', 15],
    ['9', 9],
    ['64', 64],
    ['RTMIN', 34],
    ['SIGRTMIN+3', 37],
    ['rtmax-1', 63],
  ])('%s is %i', (text, number) => expect(parseSignal(text)).toBe(number))

  it.each(['', '0', '65', '-9', 'NOPE', 'SIG', 'TERM+1', 'RTMIN-1', 'RTMAX+1', '9x', '1e1'])('%j is none', (text) => {
    expect(() => parseSignal(text)).toThrow(expect.objectContaining({ code: 'RT_SIGNAL_INVALID', exitCode: 1 }))
  })

  it('suggests the nearest in the form that was used', () => {
    expect(() => parseSignal('SIGTREM')).toThrow(/Did you mean "SIGTERM"\?/)
    expect(() => parseSignal('trem')).toThrow(/Did you mean "TERM"\?/)
  })
})
