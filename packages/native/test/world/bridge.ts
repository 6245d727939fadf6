import { spawnSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import type { HostStep, NetnsStep } from '@rt/driver-api'
import { createNetns, nftGeneration, observeLink, observeNetwork, performSteps, uplink } from '../../src/index.ts'

const why = 'test'
const host: HostStep[] = [
  { op: 'link.add', where: 'host', kind: 'bridge', name: 'br0', mac: '02:42:ac:10:00:01', why },
  { op: 'link.set', where: 'host', name: 'br0', alias: 'rt bridge', up: true, why },
  { op: 'addr.add', where: 'host', link: 'br0', address: '172.16.0.1/16', why },
  { op: 'addr.add', where: 'host', link: 'br0', address: '172.16.0.1/16', why },
  { op: 'addr.add', where: 'host', link: 'br0', address: 'fd00:16::1/64', why },
]
const mac = '02:42:ac:10:00:02'
const container: (HostStep | NetnsStep)[] = [
  {
    op: 'link.add',
    where: 'host',
    kind: 'veth',
    name: 'vethtest',
    mtu: 1400,
    peer: { name: 'eth0', mac, mtu: 1400 },
    why,
  },
  { op: 'link.set', where: 'host', name: 'vethtest', master: 'br0', up: true, why },
  { op: 'link.set', where: 'host', name: 'vethtest', hairpin: true, why },
  { op: 'sysctl', where: 'netns', key: 'net.ipv4.conf.eth0.arp_notify', value: '1', why },
  { op: 'sysctl', where: 'netns', key: 'net.ipv4.conf.eth0.arp_ignore', value: '2', why },
  { op: 'link.set', where: 'netns', name: 'lo', up: true, why },
  { op: 'link.set', where: 'netns', name: 'eth0', up: true, why },
  { op: 'addr.add', where: 'netns', link: 'eth0', address: '172.16.0.2/16', why },
  { op: 'addr.add', where: 'netns', link: 'eth0', address: 'fd00:16::2/64', why },
  { op: 'route.add', where: 'netns', to: 'default', via: '172.16.0.1', link: 'eth0', why },
  { op: 'route.add', where: 'netns', to: 'default', via: 'fd00:16::1', link: 'eth0', why },
  { op: 'route.add', where: 'netns', to: '10.9.0.0/16', link: 'eth0', why },
]

const output = (command: string): string => spawnSync('sh', ['-c', command], { encoding: 'utf8' }).stdout.trim()

const home = readlinkSync('/proc/thread-self/ns/net')
performSteps(host)
const netns = createNetns()
performSteps(container, { netns })
const await0 = performance.now()
performSteps([{ op: 'link.await', where: 'host', name: 'vethtest', why }])
const awaited = { state: output('bridge link show dev vethtest'), quick: performance.now() - await0 < 900 }
const await1 = performance.now()
performSteps([{ op: 'link.await', where: 'host', name: 'nothing', why }])
const awaitedNothing = performance.now() - await1 >= 1000
const other = netns.run(() => readlinkSync('/proc/thread-self/ns/net'))
const sysctl = netns.run(() =>
  output('cat /proc/sys/net/ipv4/conf/eth0/arp_notify /proc/sys/net/ipv4/conf/eth0/arp_ignore'),
)
const ping = netns.run(() => spawnSync('busybox', ['ping', '-c', '1', '-W', '2', '172.16.0.1'], { encoding: 'utf8' }))
const result = {
  home: readlinkSync('/proc/thread-self/ns/net') === home,
  separate: other !== home,
  sysctl: sysctl.replace(/\s+/, ' '),
  awaited,
  awaitedNothing,
  hairpin: output('bridge -d link show dev vethtest').includes('hairpin on'),
  ping: ping.status,
  bridge: observeLink('br0'),
  port: observeLink('vethtest'),
  missing: observeLink('nothing') ?? null,
  inside: observeNetwork(netns.socket),
  insideUplink: netns.run(uplink),
  hostUplink: uplink() ?? null,
  generation: nftGeneration(),
}
netns.close()
// The kernel destroys the namespace, and with it the veth pair, asynchronously: an event would need a listener of its own.
const deadline = performance.now() + 5000
while (observeLink('vethtest') !== undefined && performance.now() < deadline) spawnSync('sleep', ['0.01'])
console.log(JSON.stringify({ ...result, afterClose: observeLink('vethtest') ?? null }))
