import { type Netns, performSteps } from '@rt/native'
import { listenTcp, reachesTcp } from '@rt/native/throwaway'
import { slow } from '../bench/scratch.ts'
import { ensure } from '../check.ts'
import type { Connected, NetworkBench } from './bench.ts'
import type { NetworkCheck, NetworkSubject } from './check.ts'
import { ensureInterface, observed } from './look.ts'

export const isOwn = ({ driver }: NetworkSubject): boolean => driver.namespace !== 'host'
export const WAIT = (): number => 2_000 * slow()

/** A port of its own for each question, so that none is answered by the one before. */
let port = 20_000
export const freePort = (): number => port++

export const inside = <T>(netns: Netns | undefined, act: () => T): T => (netns ? netns.run(act) : act())

/** Whether `from` reaches what listens in `to` at that address. It tries again for a while: a port that has just come up may lose the first packets. */
const reaches = (from: Netns | undefined, to: Netns | undefined, address: string): boolean => {
  const at = freePort()
  const listening = inside(to, () => listenTcp('0.0.0.0', at))
  try {
    const deadline = Date.now() + WAIT()
    for (;;) {
      if (inside(from, () => reachesTcp(address, at, Math.min(1_000, WAIT())))) return true
      if (Date.now() > deadline) return false
    }
  } finally {
    listening.close()
  }
}

const withTwo = async (bench: NetworkBench, act: (one: Connected, other: Connected) => Promise<void> | void) => {
  const [one, other] = [await bench.start(), await bench.start()]
  try {
    await act(one, other)
  } finally {
    bench.end(one)
    bench.end(other)
  }
}

const withOne = async (
  bench: NetworkBench,
  asked: Parameters<NetworkBench['start']>[0],
  act: (one: Connected) => Promise<void> | void,
) => {
  const one = await bench.start(asked)
  try {
    await act(one)
  } finally {
    bench.end(one)
  }
}

const addressOf = ({ address }: Connected): string => {
  ensure(address !== undefined, 'the plan names no IPv4 address of the container')
  return address as string
}

export const reachChecks: readonly NetworkCheck[] = [
  {
    name: 'gives a container the interfaces, addresses and routes that the plan names',
    applies: isOwn,
    run: (bench) =>
      withOne(bench, {}, ({ plan, netns }) => {
        if (netns === undefined) return
        const found = observed(netns)
        for (const each of plan.attachment.interfaces) ensureInterface(each, found)
      }),
  },
  {
    name: 'gives an interface the name that is asked for',
    applies: ({ driver, capabilities }) => isOwn({ driver, capabilities }) && capabilities.combine,
    run: (bench) =>
      withOne(bench, { interface: 'eth3' }, ({ plan, netns }) => {
        ensure(
          plan.attachment.interfaces.some(({ name }) => name === 'eth3'),
          'the plan names no interface eth3',
        )
        ensure(
          netns === undefined || observed(netns).links.some(({ name }) => name === 'eth3'),
          'there is no eth3 inside',
        )
      }),
  },
  {
    name: 'lets containers reach each other',
    applies: (subject) => isOwn(subject) && subject.capabilities.peers,
    run: (bench) =>
      withTwo(bench, (one, other) => {
        ensure(
          reaches(one.netns, other.netns, addressOf(other)),
          `a container does not reach ${addressOf(other)}, another one`,
        )
      }),
  },
  {
    name: 'lets host and container reach each other',
    applies: (subject) => isOwn(subject) && subject.capabilities.host,
    run: (bench) =>
      withOne(bench, {}, (one) => {
        ensure(
          reaches(undefined, one.netns, addressOf(one)),
          `the host does not reach ${addressOf(one)}, the container`,
        )
        const gateway = one.plan.attachment.interfaces.find((each) => each.gateway)?.gateway
        if (gateway !== undefined)
          ensure(reaches(one.netns, undefined, gateway), `the container does not reach ${gateway}, the host`)
      }),
  },
  {
    name: 'lets containers reach what is beyond the host',
    applies: (subject) => isOwn(subject) && subject.capabilities.outside,
    run: (bench) =>
      withOne(bench, {}, (one) => {
        ensure(
          reaches(one.netns, bench.internet, '198.51.100.1'),
          'a container does not reach 198.51.100.1, which the host reaches',
        )
      }),
  },
  {
    name: 'does not let containers out where it says that it cannot',
    applies: (subject) => isOwn(subject) && !subject.capabilities.outside,
    run: (bench) =>
      withOne(bench, {}, ({ netns }) => {
        const at = freePort()
        const listening = inside(bench.internet, () => listenTcp('0.0.0.0', at))
        const found = inside(netns, () => reachesTcp('198.51.100.1', at, 300))
        listening.close()
        ensure(!found, 'a container reaches 198.51.100.1, which capabilities.outside denies')
      }),
  },
  {
    name: 'gives the addresses that are asked for',
    applies: (subject) => isOwn(subject) && subject.capabilities.addresses,
    run: async (bench) => {
      const mac = '02:42:c0:ff:ee:63'
      let ip = ''
      await withOne(bench, {}, (one) => {
        ip = addressOf(one).replace(/\d+$/, '99')
      })
      await withOne(bench, { ip, mac }, ({ netns, plan }) => {
        const found = netns && observed(netns)
        ensure(found?.addresses.some((line) => line.includes(` ${ip}/`)) ?? false, `--ip ${ip} is not the container's`)
        ensure(found?.links.some((link) => link.mac === mac) ?? false, `--mac-address ${mac} is not the container's`)
        ensure(
          plan.attachment.interfaces.some((each) => each.mac === mac),
          'the plan does not name the MAC that was asked for',
        )
      })
    },
  },
]

/** A neighbour that the host reaches by eth0, as a gateway to everything else. */
export const makeInternet = (bench: NetworkBench, netns: Netns): void => {
  const why = 'A world beyond the host, for the trial.'
  performSteps([{ where: 'host', op: 'link.set', name: 'lo', up: true, why }])
  performSteps(
    [
      { where: 'host', op: 'link.add', name: 'eth0', kind: 'veth', peer: { name: 'eth0' }, why },
      { where: 'netns', op: 'link.set', name: 'lo', up: true, why },
      { where: 'netns', op: 'addr.add', link: 'eth0', address: '198.51.100.1/24', why },
      { where: 'netns', op: 'link.set', name: 'eth0', up: true, why },
      { where: 'host', op: 'addr.add', link: 'eth0', address: '198.51.100.2/24', why },
      { where: 'host', op: 'link.set', name: 'eth0', up: true, why },
      { where: 'host', op: 'route.add', to: 'default', via: '198.51.100.1', link: 'eth0', why },
    ],
    { netns },
  )
  bench.internet = netns
}
