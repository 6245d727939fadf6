import { spawnSync } from 'node:child_process'
import type { HostStep, NetnsStep } from '@rt/driver-api'
import { createNetns, observeNetwork, performSteps, type StepError } from '../../src/index.ts'

const why = 'test'
const host = (step: object): HostStep => ({ where: 'host', why, ...step }) as HostStep
const netns = (step: object): NetnsStep => ({ where: 'netns', why, ...step }) as NetnsStep
const errno = (run: () => void): string | undefined => {
  try {
    run()
    return 'nothing failed'
  } catch (error) {
    return (error as StepError).errno
  }
}

performSteps([
  host({ op: 'link.add', kind: 'veth', name: 'wire', peer: { name: 'peer' } }),
  host({ op: 'addr.add', link: 'peer', address: '192.0.2.1/24' }),
  host({ op: 'link.set', name: 'peer', up: true }),
  host({ op: 'link.set', name: 'wire', up: true }),
  host({ op: 'link.add', kind: 'macvlan', name: 'mine', parent: 'wire', mode: 'private' }),
])

const inner = createNetns()
const add = netns({
  op: 'link.add',
  kind: 'macvlan',
  name: 'eth0',
  parent: 'wire',
  mode: 'bridge',
  mac: '02:42:ac:10:00:07',
  mtu: 1400,
})
performSteps(
  [
    netns({ op: 'link.set', name: 'lo', up: true }),
    add,
    netns({ op: 'addr.add', link: 'eth0', address: '192.0.2.7/24' }),
    netns({ op: 'link.set', name: 'eth0', up: true }),
  ],
  { netns: inner },
)
const ping = spawnSync('bash', ['-c', 'ip neigh flush all; exec busybox ping -c1 -W2 192.0.2.7'], { encoding: 'utf8' })

const other = createNetns()
// A link of the host that has the name which the container's will have.
performSteps([host({ op: 'link.add', kind: 'veth', name: 'eth0', peer: { name: 'eth9' } })])
const failing = errno(() => performSteps([add, netns({ op: 'link.set', name: 'none', up: true })], { netns: other }))
const stays = observeNetwork().links.some(({ name }) => name === 'eth0')
performSteps([host({ op: 'link.del', name: 'eth0' })])

const ipvlan = createNetns()
const tryIpvlan = (): string => {
  performSteps(
    [
      host({ op: 'link.add', kind: 'veth', name: 'wire2', peer: { name: 'peer2' } }),
      netns({ op: 'link.add', kind: 'ipvlan', name: 'eth0', parent: 'wire2', mode: 'l2' }),
    ],
    { netns: ipvlan },
  )
  return observeNetwork(ipvlan.socket).links.find(({ name }) => name === 'eth0')?.kind ?? 'no link'
}
let kind: string | undefined
const refused = errno(() => {
  kind = tryIpvlan()
})

console.log(
  JSON.stringify({
    inside: observeNetwork(inner.socket).links,
    onHost: observeNetwork()
      .links.map(({ name }) => name)
      .filter((name) => !name.endsWith('2'))
      .sort(),
    ping: ping.status,
    again: errno(() => performSteps([add], { netns: inner })),
    noParent: errno(() => performSteps([{ ...add, parent: 'gone0' } as NetnsStep], { netns: inner })),
    undone:
      failing === undefined || !stays ? [failing, stays] : observeNetwork(other.socket).links.map(({ name }) => name),
    ipvlan: kind ?? refused,
  }),
)
