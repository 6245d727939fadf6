import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSmall } from './read-small.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rt-test-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('readSmall', () => {
  it.each([0, 1, 4095, 4096, 4097, 10_000])('reads %i bytes', (size) => {
    const text = 'abcdefg'.repeat(size).slice(0, size)
    writeFileSync(join(directory, 'file'), text)
    expect(readSmall(join(directory, 'file'))).toBe(text)
  })

  it('answers nothing where there is no file, and throws what else is wrong', () => {
    expect(readSmall(join(directory, 'none'))).toBeUndefined()
    expect(() => readSmall(directory)).toThrow('EISDIR')
  })
})
