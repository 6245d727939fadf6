import type { HostStep, NetnsStep } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import { parseIpv4 } from './address/ipv4.ts'
import { parseSubnet, type Subnet } from './address/subnet.ts'
import { type BridgeObservation, outsideName, planBridge } from './plan.ts'

const id = '0123456789abcdef'.repeat(4)
const request = { container: { id, name: 'web', hostname: 'web' }, dns: [] }
const complete: BridgeObservation = {
  bridge: 'br0',
  link: { kind: 'bridge', mac: '72:74:ac:10:00:01', alias: 'rt', up: true, addresses: ['172.16.0.1/16'] },
  network: { subnet: parseSubnet('172.16.0.0/16') as Subnet, gateway: parseIpv4('172.16.0.1') as number },
  address: parseIpv4('172.16.1.2') as number,
  lease: '/run/rt/net/bridge/br0/leases/172.16.1.2',
  mtu: 1400,
  forwarding: true,
  forwardingFile: '/run/rt/net/bridge/ip_forward.before',
  ipv6: true,
  firewall: [],
  resolvConf: 'nameserver 192.0.2.1\n',
}

const names = (steps: readonly (HostStep | NetnsStep)[]): string[] =>
  steps.map((step) => `${step.where} ${step.op}${'name' in step ? ` ${step.name}` : ''}`)

describe('planBridge', () => {
  it('needs no shared step on a host that is ready', () => {
    const plan = planBridge(request, complete)
    expect(plan.enter.filter((step) => step.shared)).toEqual([])
    expect(names(plan.enter)).toEqual([
      'netns sysctl',
      'host link.add rt0123456780102',
      'host link.set rt0123456780102',
      'netns link.set lo',
      'netns addr.add',
      'netns link.set eth0',
      'netns route.add',
    ])
    expect(plan.leave).toMatchObject([{ op: 'file.remove', path: complete.lease }])
    expect(plan.attachment).toEqual({
      driver: 'bridge',
      interfaces: [
        { name: 'eth0', mac: '02:42:ac:10:01:02', mtu: 1400, addresses: ['172.16.1.2/16'], gateway: '172.16.0.1' },
      ],
      resolvConf: 'nameserver 192.0.2.1\n',
    })
  })

  it('makes the bridge, its alias last, and remembers what it changed before it does', () => {
    const plan = planBridge(request, { ...complete, link: undefined, forwarding: false })
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
    expect(plan.enter.filter((step) => step.op === 'sysctl')).toEqual([])
  })

  it('says why, with every step', () => {
    const plan = planBridge(request, { ...complete, link: undefined, forwarding: false })
    for (const step of [...plan.enter, ...plan.leave]) expect(step.why).toMatch(/^[A-Zr].*\.$/)
  })

  it('names the host end anew for another address', () => {
    const name = outsideName(id, complete.address)
    expect(Buffer.byteLength(name)).toBe(15)
    expect(outsideName(id, complete.address + 1)).not.toBe(name)
  })
})
