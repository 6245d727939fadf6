import type { HostStep, NetnsStep } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import { parseIpv4 } from './address/ipv4.ts'
import { parseIpv6 } from './address/ipv6.ts'
import { parseSubnet, type Subnet } from './address/subnet.ts'
import { parseSubnet6, type Subnet6 } from './address/subnet6.ts'
import { outsideName } from './cable-steps.ts'
import { type BridgeObservation, planBridge } from './plan.ts'

const id = '0123456789abcdef'.repeat(4)
const request = { container: { id, name: 'web', hostname: 'web' }, dns: [] }
const complete: BridgeObservation = {
  bridge: 'br0',
  link: { kind: 'bridge', mac: '72:74:ac:10:00:01', alias: 'rt', up: true, addresses: ['172.16.0.1/16'] },
  network: { subnet: parseSubnet('172.16.0.0/16') as Subnet, gateway: parseIpv4('172.16.0.1') as number },
  internal: false,
  lease: { address: parseIpv4('172.16.1.2') as number, address6: undefined, files: ['/run/leases/172.16.1.2'] },
  mtu: 1400,
  forwarding: { forwarding: true, forwardingFile: '/run/rt/net/bridge/ip_forward.before' },
  forwarding6: undefined,
  ipv6: true,
  rules: [],
  published: undefined,
  resolvConf: 'nameserver 192.0.2.1\n',
}
const off = { ...complete.forwarding, forwarding: false }

const names = (steps: readonly (HostStep | NetnsStep)[]): string[] =>
  steps.map((step) => `${step.where} ${step.op}${'name' in step ? ` ${step.name}` : ''}`)

describe('planBridge', () => {
  it('needs no shared step on a host that is ready', () => {
    const plan = planBridge(request, complete)
    expect(plan.enter.filter((step) => step.shared)).toEqual([])
    expect(names(plan.enter)).toEqual([
      'netns sysctl',
      'netns sysctl',
      'host link.add rt01234ac100102',
      'host link.set rt01234ac100102',
      'netns link.set lo',
      'netns addr.add',
      'netns link.set eth0',
      'netns route.add',
    ])
    expect(plan.leave).toMatchObject([{ op: 'file.remove', path: '/run/leases/172.16.1.2', holding: id }])
    expect(plan.attachment).toEqual({
      driver: 'bridge',
      interfaces: [
        {
          name: 'eth0',
          mac: '02:42:ac:10:01:02',
          mtu: 1400,
          hostEnd: outsideName(id, complete.lease.address),
          addresses: ['172.16.1.2/16'],
          gateway: '172.16.0.1',
        },
      ],
      resolvConf: 'nameserver 192.0.2.1\n',
    })
  })

  it('makes the bridge, its alias last, and remembers what it changed before it does', () => {
    const plan = planBridge(request, { ...complete, link: undefined, forwarding: off })
    const shared = plan.enter.filter((step) => step.shared)
    expect(names(shared)).toEqual([
      'host link.add br0',
      'host sysctl',
      'host addr.add',
      'host link.set br0',
      'host dir.make',
      'host file.write',
      'host sysctl',
    ])
    expect(shared[0]).toMatchObject({ kind: 'bridge', mac: '72:74:ac:10:00:01' })
    expect(shared[3]).toMatchObject({ up: true, alias: 'rt' })
    expect(plan.enter.slice(0, shared.length)).toEqual(shared)
  })

  it.each([
    ['without its alias', { alias: undefined }],
    ['down', { up: false }],
    ['without its address', { addresses: [] }],
  ])('completes a bridge that is %s', (_, change) => {
    const link = { ...(complete.link as NonNullable<typeof complete.link>), ...change }
    expect(names(planBridge(request, { ...complete, link }).enter.filter((step) => step.shared))).toEqual([
      'host sysctl',
      'host addr.add',
      'host link.set br0',
    ])
  })

  it('touches no IPv6 setting where the kernel has no IPv6', () => {
    const plan = planBridge(request, { ...complete, ipv6: false, link: undefined })
    const keys = plan.enter.flatMap((step) => (step.op === 'sysctl' ? [step.key] : []))
    expect(keys).toEqual(['net.ipv4.conf.default.arp_notify'])
  })

  it('says why, with every step', () => {
    const plan = planBridge(request, { ...complete, link: undefined, forwarding: off })
    for (const step of [...plan.enter, ...plan.leave]) expect(step.why).toMatch(/^[A-Zr].*\.$/)
  })

  it('names the host end anew for another address', () => {
    const name = outsideName(id, complete.lease.address)
    expect(Buffer.byteLength(name)).toBe(15)
    expect(outsideName(id, complete.lease.address + 1)).not.toBe(name)
  })

  it('is one of several interfaces without a default route, and with the MAC that was asked for', () => {
    const asked = { ...request, interface: 'eth1', primary: false, mac: '02:00:00:00:00:09' }
    const plan = planBridge(asked, complete)
    expect(names(plan.enter).filter((each) => each.startsWith('netns'))).toEqual([
      'netns sysctl',
      'netns sysctl',
      'netns link.set lo',
      'netns addr.add',
      'netns link.set eth1',
      // Announces the chosen MAC.
      'netns link.set eth1',
    ])
    expect(plan.enter.at(-2)).toMatchObject({ where: 'host', op: 'link.await', name: 'rt01234ac100102' })
    expect(plan.enter).toContainEqual(
      expect.objectContaining({ op: 'link.add', peer: { name: 'eth1', mac: '02:00:00:00:00:09', mtu: 1400 } }),
    )
    expect(plan.attachment.interfaces).toMatchObject([
      { name: 'eth1', mac: '02:00:00:00:00:09', gateway: '172.16.0.1' },
    ])
    expect(plan.disconnect).toMatchObject([{ op: 'link.del', name: 'rt01234ac100102' }])
  })

  it('has no way out of an internal network, and does not make the host forward for it', () => {
    const plan = planBridge(request, { ...complete, internal: true, forwarding: off })
    expect(plan.enter.filter((step) => step.op === 'route.add' || step.op === 'file.write')).toEqual([])
    expect(plan.attachment.interfaces[0]?.gateway).toBeUndefined()
  })

  it('names the host end otherwise at every start with an address that was asked for', () => {
    const outside = () =>
      planBridge({ ...request, ip: '172.16.1.2' }, complete).enter.flatMap((step) =>
        step.op === 'link.add' ? [step.name] : [],
      )
    expect(outside()).not.toEqual(outside())
  })

  it('gives both families, and believes no router advertisement', () => {
    const v6 = { subnet: parseSubnet6('fd00:5::/64') as Subnet6, gateway: parseIpv6('fd00:5::1') as bigint }
    const lease = { ...complete.lease, address6: parseIpv6('fd00:5::102') }
    const plan = planBridge(request, {
      ...complete,
      network: { ...complete.network, v6 },
      lease,
      forwarding6: { forwarding6File: '/run/f6', before: { acceptRa: ['eth0', 'vlan.7'] } },
    })
    const settings = plan.enter.flatMap((step) => (step.op === 'sysctl' ? [`${step.key}=${step.value}`] : []))
    expect(settings).toEqual([
      'net.ipv6.conf.br0.accept_ra=0',
      'net.ipv6.conf.br0.accept_dad=0',
      'net.ipv6.conf.br0.disable_ipv6=0',
      'net.ipv6.conf.eth0.accept_ra=2',
      'net.ipv6.conf.vlan/7.accept_ra=2',
      'net.ipv6.conf.all.forwarding=1',
      'net.ipv4.conf.default.arp_notify=1',
      'net.ipv6.conf.default.disable_ipv6=0',
      'net.ipv6.conf.default.accept_ra=0',
      'net.ipv6.conf.default.accept_dad=0',
      'net.ipv6.conf.default.ndisc_notify=1',
    ])
    const links = plan.enter.flatMap((step) =>
      step.op === 'addr.add' ? [step.address] : step.op === 'route.add' ? [step.via] : [],
    )
    expect(links).toEqual([
      ...['172.16.0.1/16', 'fd00:5::1/64'],
      ...['172.16.1.2/16', 'fd00:5::102/64', '172.16.0.1', 'fd00:5::1'],
    ])
    expect(plan.attachment.interfaces[0]).toMatchObject({
      addresses: ['172.16.1.2/16', 'fd00:5::102/64'],
      gateway: '172.16.0.1',
      gateway6: 'fd00:5::1',
    })
  })
})
