import { describe, expect, it } from 'vitest'
import { inNetns, isRoot } from './world/in-netns.ts'

describe.skipIf(!isRoot)('ctnetlink in a throwaway namespace (needs root)', () => {
  it('forgets what was sent to a port of this host, and nothing that is for others', () => {
    expect(inNetns('conntrack.ts')).toEqual({
      otherProtocol: 0,
      oneAddress: 1,
      restOfFamily: 1,
      allOfOthers: 2,
      again: 0,
      foreign: 1,
      otherPort: 1,
      several: 2,
    })
  })
})
