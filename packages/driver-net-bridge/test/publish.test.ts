import { describe, expect, it } from 'vitest'
import { isRoot, play } from './play.ts'

describe.skipIf(!isRoot)('published ports in a throwaway network namespace (needs root)', () => {
  it('are reached from everywhere, come back after a flush, and go with their container', () => {
    const reach = {
      outside: '192.0.2.2',
      outside6: '2001:db8::2',
      host: '192.0.2.1',
      localhost: true,
      neighbour: true,
      neighbour6: true,
      itself: true,
      anotherNetwork: true,
    }
    const noted = { container: 'a1'.padEnd(64, '0'), to4: '10.5.0.2', to6: 'fd00:5::2' }
    expect(play('publishing')).toMatchObject({
      first: reach,
      hairpin: [true, false],
      noted: [noted, noted],
      flushed: 'no answer',
      reloaded: reach,
      twice: [],
      collected: { file: false, rules: [], leases: ['10.5.0.3'], again: [] },
      during: 2,
      ended: { rules: [], files: [] },
      left: { rules: [], links: [], files: [] },
    })
  })
})
