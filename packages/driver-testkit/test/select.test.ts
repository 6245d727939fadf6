import type { NetworkCapabilities } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import { notOffered, selectChecks } from '../src/checks.ts'
import Cell from './good/isolation.ts'
import Managed from './good/managed.ts'
import Wire from './good/network.ts'

const names = (capabilities: Partial<NetworkCapabilities>): string[] =>
  selectChecks(
    'net',
    class extends Wire {
      static override readonly capabilities = capabilities
    },
    {},
  ).map(({ name }) => name)

/** What a driver that can do all of it is asked. */
const all = names({})

describe('the checks of a driver', () => {
  it.each([
    ['peers', 'lets containers reach each other'],
    ['host', 'lets host and container reach each other'],
    ['outside', 'lets containers reach what is beyond the host'],
    ['ports', 'publishes ports'],
    ['addresses', 'gives the addresses that are asked for'],
    ['combine', 'gives an interface the name that is asked for'],
  ] as const)('are without the one of what it says that it cannot do: %s', (capability, check) => {
    expect(all).toContain(check)
    const left = names({ [capability]: false })
    expect(all.filter((name) => !left.includes(name))).toEqual([check])
  })

  it('have one more where it says that nothing gets out', () => {
    expect(names({ outside: false })).toContain('does not let containers out where it says that it cannot')
  })

  it('are without those of methods that it does not have', () => {
    expect(all).toContain('frees what a start had taken that was killed before it wrote anything down')
    expect(all).not.toContain('puts back what somebody has flushed')
  })

  it('say which optional methods it does not have, and leave their promises out', () => {
    const names = (Driver: typeof Cell) => selectChecks('isolation', Driver, {}).map(({ name }) => name)
    expect(notOffered('isolation', Managed, {})).toEqual([])
    expect(notOffered('isolation', Cell, {})).toEqual(['freeze', 'isFrozen', 'usage', 'update', 'enter'])
    const lacks = names(Managed).filter((name) => !names(Cell).includes(name))
    expect(lacks).toEqual([
      'freezes every process of a container, and lets them go on',
      'says whether a container is frozen',
      'says what a container uses, in nanoseconds, bytes and processes',
      'puts a running container under the limits of an update, and takes them away',
      'holds a running container to the limits of an update',
      'refuses an update that this host cannot do',
      'brings a further program into all namespaces of a running container',
      'has a further program in the control groups of the container',
      'gives a further program the capabilities that are asked for it, and no others',
    ])
  })

  it('leave out what concerns a namespace of its own where it has none', () => {
    const checks = selectChecks(
      'net',
      class extends Wire {
        override readonly namespace = 'host'
      },
      {},
    ).map(({ name }) => name)
    expect(all.filter((name) => !checks.includes(name))).toContain(
      'gives a container the interfaces, addresses and routes that the plan names',
    )
  })

  it.each([
    ['seccomp', ['filters system calls', 'has the kernel filter the program’s system calls']],
    [
      'capabilities',
      [
        'leaves the capabilities that the spec names, and no others',
        'has taken the other capabilities away from the program',
      ],
    ],
    ['init', ['brings a first process that reaps where one is asked for']],
  ])('of isolation drivers know %s', (capability, checks) => {
    const select = (capabilities: object) =>
      selectChecks('isolation', Object.assign(class {}, { capabilities }), {}).map(({ name }) => name)
    const left = select({ [capability]: false })
    expect(select({}).filter((name) => !left.includes(name))).toEqual(checks)
  })
})
