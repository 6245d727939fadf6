import { beforeAll, describe, expect, it } from 'vitest'
import { cannotRun, useRt, warmNetworks } from './rt.ts'

interface Case {
  readonly what: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly code: string
  readonly sentence: RegExp
  readonly exitCode: number
}

const run = (...flags: string[]): readonly string[] => ['run', '--rm', ...flags, 'busybox', 'true']
const create = (...flags: string[]): readonly string[] => ['network', 'create', ...flags, 'new']

/** Beside the network `taken`, 10.9.0.0/24, and its container `box` with 10.9.0.5 and port 8080 of the host. */
const CASES: readonly Case[] = [
  {
    what: 'a port that is taken: who has it is named',
    args: run('-p8080:80'),
    code: 'RT_PORT_TAKEN',
    sentence: /^The port 8080\/tcp of the host is in use by the container box$/,
    exitCode: 125,
  },
  {
    what: 'ranges that do not match',
    args: run('-p8000-8002:80-81'),
    code: 'RT_PORT_INVALID',
    sentence: /3 ports of the host cannot lead to 2/,
    exitCode: 125,
  },
  {
    what: 'an address outside of the subnet',
    args: run('--network=taken', '--ip=10.8.0.3'),
    code: 'RT_NET_ADDRESS_INVALID',
    sentence: /10\.8\.0\.3.*10\.9\.0\.0\/24/,
    exitCode: 125,
  },
  {
    what: 'the same for one that runs',
    args: ['network', 'connect', '--ip=10.8.0.3', 'taken', 'other'],
    code: 'RT_NET_ADDRESS_INVALID',
    sentence: /10\.8\.0\.3.*10\.9\.0\.0\/24/,
    exitCode: 1,
  },
  {
    what: 'an address that is taken',
    args: run('--network=taken', '--ip=10.9.0.5'),
    code: 'RT_NET_ADDRESS_TAKEN',
    sentence: /10\.9\.0\.5/,
    exitCode: 125,
  },
  {
    what: 'the same for one that runs',
    args: ['network', 'connect', '--ip=10.9.0.5', 'taken', 'other'],
    code: 'RT_NET_ADDRESS_TAKEN',
    sentence: /10\.9\.0\.5/,
    exitCode: 1,
  },
  {
    what: 'a network that is in use on rm',
    args: ['network', 'rm', 'taken'],
    code: 'RT_NET_IN_USE',
    sentence: /taken.*box/,
    exitCode: 1,
  },
  {
    what: 'an unknown network',
    args: run('--network=takne'),
    code: 'RT_NET_UNKNOWN',
    sentence: /"takne".*Did you mean "taken"\?/,
    exitCode: 125,
  },
  {
    what: 'an unknown network on rm',
    args: ['network', 'rm', 'takne'],
    code: 'RT_NET_UNKNOWN',
    sentence: /"takne".*Did you mean "taken"\?/,
    exitCode: 1,
  },
  {
    what: 'a CIDR that is none',
    args: create('--subnet=10.7.0.0/33'),
    code: 'RT_NET_SUBNET_INVALID',
    sentence: /10\.7\.0\.0\/33/,
    exitCode: 1,
  },
  {
    what: 'an IPv6 CIDR that is none',
    args: create('--ipv6', '--subnet=fd00:::/64'),
    code: 'RT_NET_SUBNET_INVALID',
    sentence: /fd00:::\/64/,
    exitCode: 1,
  },
  {
    what: 'a CIDR that is none, in the config',
    args: run('--network=bridge'),
    env: { RT_NETWORK_BRIDGE_SUBNET: '10.7.0.0/33' },
    code: 'RT_DRIVER_OPTION',
    sentence: /10\.7\.0\.0\/33/,
    exitCode: 125,
  },
  {
    what: 'a subnet that overlaps another network',
    args: create('--subnet=10.9.0.128/25'),
    code: 'RT_NET_SUBNET_OVERLAP',
    sentence: /10\.9\.0\.128\/25.*taken/,
    exitCode: 1,
  },
  {
    what: 'a subnet that overlaps what the host routes',
    args: create('--subnet=198.51.100.0/25'),
    code: 'RT_NET_SUBNET_OVERLAP',
    sentence: /198\.51\.100\.0\/24 by eth0/,
    exitCode: 1,
  },
  {
    what: '-p with none',
    args: run('--network=none', '-p8081:80'),
    code: 'RT_NET_MODE',
    sentence: /none.*publish/,
    exitCode: 125,
  },
  {
    what: 'more than 15 bytes of interface name',
    args: create('--opt=name=a-name-of-16-byte'),
    code: 'RT_DRIVER_OPTION',
    sentence: /a-name-of-16-byte.*15/,
    exitCode: 1,
  },
  {
    what: 'more than 15 bytes of interface name, in the config',
    args: run('--network=bridge'),
    env: { RT_NETWORK_BRIDGE_NAME: 'a-name-of-16-byte' },
    code: 'RT_DRIVER_OPTION',
    sentence: /a-name-of-16-byte.*15/,
    exitCode: 125,
  },
]

describe.skipIf(cannotRun)('what cannot be with networks leaves nothing', () => {
  const rt = useRt()
  beforeAll(async () => {
    await rt().out(['network', 'create', '--subnet=10.9.0.0/24', 'taken'])
    await warmNetworks(rt(), 'bridge', 'taken')
    const box = ['--name=box', '--network=taken', '--ip=10.9.0.5', '-p8080:80']
    for (const flags of [box, ['--name=other']]) await rt().out(['run', '-d', ...flags, 'busybox', 'sleep', '1000'])
  })

  it.each(CASES)('$what', async ({ args, env, code, sentence, exitCode }) => {
    const complaint = await rt().complaint(args, { env })
    expect(complaint).toMatchObject({ code, sentence: expect.stringMatching(sentence), exitCode })
    expect(await rt().out(['network', 'ls', '--format={Name}'])).toBe('bridge\nhost\nnone\ntaken\n')
    expect(await rt().out(['ps', '-a', '--format={Names}'])).toBe('other\nbox\n')
  })

  it('-p in the network of the host is a warning, as in Docker', async () => {
    const before = await rt().world.snapshot()
    const result = await rt().run(['run', '--rm', '--network=host', '-p8081:80', 'busybox', 'echo', 'hello'])
    expect(result).toMatchObject({ code: 0, stdout: 'hello\n' })
    expect(result.stderr).toMatch(/^rt: In the network of the host nothing is published[^\n]*\n$/)
    await rt().world.expectNoLeaks(before)
  })

  it('what there is can be seen from the wire to the containers, in each kind of picture', async () => {
    const host = ['eth0', '198.51.100.2/24', 'NAT']
    const network = ['taken', '10.9.0.1/24', /rt-[0-9a-f]{12}/]
    const container = ['box', '10.9.0.5/24', /rt[0-9a-f]{13}/, '0.0.0.0:8080', '80/tcp']
    for (const kind of ['--graph', '--mermaid', '--svg']) {
      const picture = await rt().out(['network', 'inspect', kind, 'taken'])
      for (const part of [...host, ...network, ...container]) expect(picture, kind).toMatch(part)
    }
  })
})
