import { describe, expect, it } from 'vitest'
import type { FirewalledBridge } from '../firewall.ts'
import { gapsOf, missingShared } from './gaps.ts'
import { removalSteps } from './removal.ts'
import { NOTHING, parseSaved } from './saved.ts'
import { contentStep, guardStep } from './steps.ts'
import { bridgeUnits, type Family, sharedUnits } from './units.ts'

const br0: FirewalledBridge = {
  bridge: 'br0',
  subnets: { v4: '172.16.0.0/16', v6: 'fd00::/64' },
  masquerade: true,
  internal: false,
}
const units = (bridge = br0, family: Family = 4) => [...sharedUnits(family, true), ...bridgeUnits(bridge, family, true)]
const context = { family: 4, lock: '/run/lock', counted: true } as const

/** What iptables-save would print of these units, with rules of others in between. */
const saved = (all = units()): string =>
  ['filter', 'nat', 'raw']
    .map((table) => {
      const here = all.filter((unit) => unit.table === table)
      const rules = here.flatMap(({ chain, rules, lines }) => [
        ...lines.map((line) => `-A ${line.chain} ${line.rule}`),
        ...rules.map((rule) => `-A ${chain} ${rule}`),
      ])
      const chains = ['RT-USER', 'RT-ISOLATION', 'RT-ISOLATION-2', 'RT-BRIDGES', 'RT-PORTS', 'FORWARD', 'POSTROUTING']
      const names = [...chains, 'PREROUTING', 'OUTPUT', 'DOCKER-USER', ...here.map(({ chain }) => chain)]
      return [
        `*${table}`,
        ...names.map((name) => `:${name} - [0:0]`),
        '-A FORWARD -j DOCKER-USER',
        ...rules,
        '-A FORWARD -s 10.1.2.3/32 -j DROP',
        'COMMIT',
        '',
      ].join('\n')
    })
    .join('')

const found = (text: string, wanted = units()) =>
  gapsOf(wanted, parseSaved(text)).map(({ unit, lines }) => `${unit.chain}${lines ? ' and its lines' : ''}`)
const execs = (steps: ReturnType<typeof guardStep>) => steps.flatMap((step) => (step.op === 'exec' ? [step] : []))

describe('gapsOf', () => {
  it.each([
    ['all is there', saved(), []],
    ['nothing is there', '', units().map(({ chain }) => `${chain} and its lines`)],
    ['one rule is gone', saved().replace('-A RT-FORWARD-br0 -i br0 -j ACCEPT\n', ''), ['RT-FORWARD-br0']],
    ['a rule is there twice', saved().replace(/(-A RT-NAT-br0 -s 127.*\n)/, '$1$1'), ['RT-NAT-br0']],
    ['only the jump is gone', saved().replace('-A FORWARD -j RT-FORWARD\n', ''), ['RT-FORWARD and its lines']],
    ['only the isolation is gone', saved().replace(/-A RT-ISOLATION .*\n/, ''), ['RT-FORWARD-br0 and its lines']],
    ['a jump is there twice', saved().replace(/(-A RT-BRIDGES.*\n)/, '$1$1'), ['RT-FORWARD-br0 and its lines']],
    ['another subnet is masqueraded', saved().replaceAll('172.16', '172.17'), ['RT-NAT-br0']],
    [
      'only another bridge has rules',
      saved().replaceAll('br0', 'br01'),
      ['RT-FORWARD-br0', 'RT-NAT-br0', 'RT-LOCAL-br0'].map((chain) => `${chain} and its lines`),
    ],
  ])('when %s', (_, text, expected) => {
    expect(found(text)).toEqual(expected)
  })

  it('takes the NAT of a bridge away that has become internal', () => {
    const gaps = gapsOf(units({ ...br0, internal: true }), parseSaved(saved()))
    expect(gaps.map(({ unit }) => unit.chain)).toEqual(['RT-FORWARD-br0', 'RT-NAT-br0'])
    const [guard] = execs(guardStep(gaps, [], context))
    expect(guard?.stdin).toContain('-D POSTROUTING -j RT-NAT-br0\n:RT-NAT-br0 - [0:0]\n-X RT-NAT-br0\nCOMMIT')
    expect(execs(contentStep(gaps, context))[0]?.stdin).not.toContain('RT-NAT-br0')
  })

  it('writes the way of what the host sends anew where ::1 is to be left out of it, or no longer', () => {
    const [open, closed] = [true, false].map((loopback) => [...sharedUnits(6, loopback), ...bridgeUnits(br0, 6, false)])
    const changed = gapsOf(closed ?? [], parseSaved(saved(open)))
    expect(changed).toMatchObject([{ unit: { chain: 'RT-OUTPUT' }, lines: false }])
    expect(changed[0]?.unit.rules).toEqual(['-d ::1/128 -j RETURN', '-m addrtype --dst-type LOCAL -j RT-PORTS'])
    expect(gapsOf(open ?? [], parseSaved(saved(closed)))[0]?.unit.rules).toEqual([
      '-m addrtype --dst-type LOCAL -j RT-PORTS',
    ])
  })

  it('knows which chains of all bridges are missing', () => {
    expect(missingShared(parseSaved(saved()))).toEqual([])
    expect(missingShared(NOTHING)).toHaveLength(5)
  })
})

describe('steps', () => {
  it('are none where nothing is missing', () => {
    expect(guardStep([], [], context)).toEqual([])
    expect(contentStep([], context)).toEqual([])
    expect(removalSteps(['br0'], NOTHING, context)).toEqual([])
  })

  it('add the jump in a batch that fails when it is there, and then write all content', () => {
    const gaps = gapsOf(sharedUnits(4, true).slice(0, 1), NOTHING)
    const [guard] = execs(guardStep(gaps, [{ table: 'filter', chain: 'RT-USER' }], context))
    expect(guard).toMatchObject({ allowFailure: true, shared: true, lock: '/run/lock', counts: 1 })
    expect(guard?.stdin).toBe(
      '*filter\n-N RT-USER\n:RT-FORWARD - [0:0]\n-X RT-FORWARD\n-N RT-FORWARD\n-I FORWARD 1 -j RT-FORWARD\nCOMMIT\n',
    )
    const [content] = execs(contentStep(gaps, context))
    expect(content?.allowFailure).toBeUndefined()
    expect(content?.stdin).toBe(
      '*filter\n:RT-FORWARD - [0:0]\n-A RT-FORWARD -j RT-USER\n-A RT-FORWARD -j RT-ISOLATION\n-A RT-FORWARD -j RT-BRIDGES\n' +
        '-D FORWARD -j RT-FORWARD\n-I FORWARD 1 -j RT-FORWARD\nCOMMIT\n',
    )
  })

  it('count one transaction for each table', () => {
    expect(execs(contentStep(gapsOf(units(), NOTHING), context))[0]?.counts).toBe(3)
  })

  it('take every line away that is there, and nothing of others', () => {
    const twice = parseSaved(saved().replace(/(-A FORWARD -j RT.*\n)/, '$1$1'))
    const [step] = execs(removalSteps(['br0'], twice, context))
    const lines = step?.stdin?.split('\n') ?? []
    expect(lines.filter((line) => line === '-D FORWARD -j RT-FORWARD')).toHaveLength(2)
    expect(lines.filter((line) => !/^(\*|COMMIT|$)/.test(line) && !line.includes('RT-'))).toEqual([])
    expect(lines).toContain('-X RT-USER')
  })

  it('leave what another bridge needs, and the user\u2019s rules', () => {
    const two = [...units(), ...bridgeUnits({ ...br0, bridge: 'rt-b' }, 4, false)]
    const [step] = execs(removalSteps(['br0'], parseSaved(saved(two)), context))
    expect(step?.stdin).not.toMatch(/rt-b|-X RT-FORWARD\n|RT-USER|RT-PORTS/)
    const user = parseSaved(saved().replace('COMMIT', '-A RT-USER -s 10.0.0.1/32 -j DROP\nCOMMIT'))
    expect(execs(removalSteps(['br0'], user, context))[0]?.stdin).not.toMatch(/[FX] RT-USER/)
  })

  it('have chain names that fit, for the longest interface name too', () => {
    for (const { chain } of bridgeUnits({ ...br0, bridge: 'a'.repeat(15) }, 4, true))
      expect(Buffer.byteLength(chain)).toBeLessThanOrEqual(28)
  })
})
