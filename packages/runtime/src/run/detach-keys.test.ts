import { describe, expect, test } from 'vitest'
import { parseDetachKeys } from './detach-keys.ts'

describe('detach keys', () => {
  test.each([
    ['ctrl-p,ctrl-q', [16, 17]],
    ['DEL', [127]],
    ['ctrl-a', [1]],
    ['ctrl-Z,d', [26, 100]],
    ['ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_', [0, 27, 28, 29, 30, 31]],
    ['a,b', [97, 98]],
    ['', []],
  ])('%s', (text, bytes) => {
    expect([...parseDetachKeys(text)]).toEqual(bytes)
  })

  test.each(['ctrl-1', 'ctrl-', 'ab', 'a,', ',', 'ä', Array(64).fill('a').join()])(
    '%s is no sequence of keys',
    (text) => {
      expect(() => parseDetachKeys(text)).toThrow(expect.objectContaining({ code: 'RT_USAGE' }))
    },
  )
})
