import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { holdsUnrelated } from '../src/index.ts'

const EXT4 = 0xef53

it.each([tmpdir(), '/dev/shm', '/proc/self/fdinfo'])(
  'a directory of unrelated ones, in %s: ext4 is told, others are left alone',
  (place) => {
    const isWritable = !place.startsWith('/proc')
    const directory = isWritable ? mkdtempSync(join(place, 'rt-unrelated-')) : place
    try {
      holdsUnrelated(directory)
      if (statfsSync(directory).type !== EXT4) return
      const [flags] = execFileSync('lsattr', ['-d', directory], { encoding: 'utf8' }).split(' ')
      expect(flags).toContain('T')
      // The one that says how files are laid out: without it nothing more could be written.
      expect(flags).toContain('e')
    } finally {
      if (isWritable) rmSync(directory, { recursive: true })
    }
  },
)

it('says what open(2) says of one that is not there', () => {
  expect(() => holdsUnrelated('/nowhere')).toThrow(/ENOENT/)
})
