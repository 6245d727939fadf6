import { describe, expect, test } from 'vitest'
import { ALL_CAPABILITIES, DEFAULT_CAPABILITIES, keptCapabilities } from './capabilities.ts'

const without = (all: readonly string[], ...names: string[]) => all.filter((name) => !names.includes(name))
const withAlso = (...names: string[]) =>
  ALL_CAPABILITIES.filter((name) => DEFAULT_CAPABILITIES.includes(name) || names.includes(name))

test('fourteen by default, of forty-one', () => {
  expect(DEFAULT_CAPABILITIES).toHaveLength(14)
  expect(ALL_CAPABILITIES).toHaveLength(41)
  expect(new Set(ALL_CAPABILITIES).size).toBe(41)
  expect(without(DEFAULT_CAPABILITIES, ...ALL_CAPABILITIES)).toEqual([])
})

describe('which capabilities a container keeps', () => {
  test.each([
    { add: [], drop: [], kept: DEFAULT_CAPABILITIES },
    { add: ['NET_ADMIN'], drop: [], kept: withAlso('CAP_NET_ADMIN') },
    { add: ['cap_net_admin'], drop: [], kept: withAlso('CAP_NET_ADMIN') },
    { add: ['Net_Admin', 'CAP_NET_ADMIN'], drop: [], kept: withAlso('CAP_NET_ADMIN') },
    { add: ['CHOWN'], drop: [], kept: DEFAULT_CAPABILITIES },
    { add: [], drop: ['mknod'], kept: without(DEFAULT_CAPABILITIES, 'CAP_MKNOD') },
    { add: [], drop: ['SYS_ADMIN'], kept: DEFAULT_CAPABILITIES },
    { add: [], drop: ['ALL'], kept: [] },
    { add: ['CHOWN', 'SYS_TIME'], drop: ['all'], kept: ['CAP_CHOWN', 'CAP_SYS_TIME'] },
    { add: ['ALL'], drop: [], kept: ALL_CAPABILITIES },
    { add: ['all'], drop: ['SYS_ADMIN'], kept: without(ALL_CAPABILITIES, 'CAP_SYS_ADMIN') },
    { add: ['CHOWN'], drop: ['CHOWN'], kept: DEFAULT_CAPABILITIES },
  ])('--cap-add $add --cap-drop $drop', ({ add, drop, kept }) => {
    expect(keptCapabilities(add, drop)).toEqual(kept)
  })

  test.each([
    {
      add: ['NET_ADMN'],
      drop: [],
      says: '--cap-add: there is no capability "NET_ADMN".',
      remedy: 'Did you mean NET_ADMIN?',
    },
    {
      add: [],
      drop: ['CAP_CHWON'],
      says: '--cap-drop: there is no capability "CAP_CHWON".',
      remedy: 'Did you mean CHOWN?',
    },
    {
      add: ['xyzzy_plugh'],
      drop: [],
      says: '--cap-add: there is no capability "xyzzy_plugh".',
      remedy: /capabilities\(7\)/,
    },
    { add: ['ALL'], drop: ['ALL'], says: /contradict/, remedy: /one of them/ },
  ])('refuses --cap-add $add --cap-drop $drop', ({ add, drop, says, remedy }) => {
    expect(() => keptCapabilities(add, drop)).toThrow(
      expect.objectContaining({
        code: 'RT_USAGE',
        message: expect.stringMatching(says),
        remedy: expect.stringMatching(remedy),
      }),
    )
  })
})
