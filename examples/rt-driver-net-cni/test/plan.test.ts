import type { NetworkRequest } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import { attachmentFrom } from '../src/attachment.ts'
import { type Chain, findChain, parseList } from '../src/conflist.ts'
import CniNetworkDriver from '../src/index.ts'
import { planCni } from '../src/plan.ts'

const id = 'ab'.repeat(32)
const request: NetworkRequest = { container: { id, name: 'web', hostname: 'web' }, dns: [] }
const chain: Chain = {
  file: '/etc/cni/net.d/10-x.conflist',
  path: '/usr/lib/cni',
  programs: ['/usr/lib/cni/bridge', '/usr/lib/cni/portmap'],
  list: {
    cniVersion: '1.0.0',
    name: 'x',
    plugins: [{ type: 'bridge' }, { type: 'portmap', capabilities: { portMappings: true } }],
  },
}
const settings = {
  directory: '/run/rt/net/cni',
  check: false,
  program: { node: '/node', name: 'chain.mjs', text: () => 'text' },
}
const state = `/run/rt/net/cni/${id}-eth0.json`
const ports = [
  { protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 8080, containerPort: 80 },
  { protocol: 'udp', hostAddress: '127.0.0.1', hostPort: 53, containerPort: 5353 },
] as const

describe('a plan', () => {
  it('has the plugins asked with the namespace, and for the end of it from what is on disk', () => {
    const { enter, leave, disconnect } = planCni(request, chain, settings)
    expect(enter).toMatchObject([
      { op: 'dir.make', shared: true },
      { op: 'file.write', path: '/run/rt/net/cni/chain.mjs', content: 'text', shared: true },
      { op: 'file.write', path: state },
      { where: 'netns', op: 'link.set', name: 'lo' },
      { op: 'exec', netns: true, argv: ['/node', '/run/rt/net/cni/chain.mjs', 'add', state, '/proc/self/fd/3'] },
    ])
    expect(leave).toMatchObject([{ op: 'exec', argv: ['/node', '/run/rt/net/cni/chain.mjs', 'del', state] }])
    expect(leave[0]).not.toHaveProperty('netns')
    expect(disconnect).toMatchObject([{ op: 'exec', netns: true }])
  })

  it('asks for ports, without addresses that are all of them', () => {
    const { enter } = planCni({ ...request, ports }, chain, settings)
    const written = enter.find((step) => step.op === 'file.write' && step.path === state)
    expect(JSON.parse((written as { content: string }).content)).toMatchObject({
      container: id,
      interface: 'eth0',
      runtime: {
        portMappings: [
          { hostPort: 8080, containerPort: 80, protocol: 'tcp' },
          { hostPort: 53, containerPort: 5353, protocol: 'udp', hostIP: '127.0.0.1' },
        ],
      },
    })
  })

  it.each([
    ['publish ports', { ports }, 'portMappings'],
    ['give the address that is asked for', { ip: '10.0.0.9' }, 'ips'],
    ['give the MAC address that is asked for', { mac: '02:00:00:00:00:01' }, 'mac'],
  ])('says which capability it lacks to %s', (what, asked, capability) => {
    const poor = { ...chain, list: { ...chain.list, plugins: [{ type: 'bridge' }] } }
    expect(() => planCni({ ...request, ...asked }, poor, settings)).toThrow(
      `No plugin of the network x has the capability ${capability}, so it cannot ${what}`,
    )
  })

  it('checks where it is told to', () => {
    expect(planCni(request, chain, { ...settings, check: true }).enter.at(-1)).toMatchObject({
      argv: expect.arrayContaining(['check']),
    })
  })
})

describe('a configuration', () => {
  const parse = (json: unknown) => parseList('/f', typeof json === 'string' ? json : JSON.stringify(json))

  it('is a list of plugins, or one plugin', () => {
    expect(parse(chain.list)).toEqual(chain.list)
    expect(parse({ cniVersion: '0.4.0', name: 'one', type: 'ptp', mtu: 1400 })).toMatchObject({
      name: 'one',
      plugins: [{ type: 'ptp', mtu: 1400 }],
    })
  })

  it.each([
    ['{', /^The network configuration \/f is no JSON/],
    ['7', /is no object/],
    [{ name: 'x', plugins: [{ type: 'a' }] }, /has no cniVersion/],
    [{ cniVersion: '0.2.0', name: 'x', plugins: [{ type: 'a' }] }, /is of version 0\.2\.0/],
    [{ cniVersion: '1.0.0', plugins: [{ type: 'a' }] }, /has no name/],
    [{ cniVersion: '1.0.0', name: '../x', plugins: [{ type: 'a' }] }, /has no name, or one that is none/],
    [{ cniVersion: '1.0.0', name: 'x', plugins: [] }, /has no plugins/],
    [{ cniVersion: '1.0.0', name: 'x', plugins: [{ type: 'a' }, {}] }, /without a type: the 2\. one/],
    [{ cniVersion: '1.0.0', name: 'x', plugins: [{ type: '../../bin/sh' }] }, /without a type/],
  ])('%j is refused', (json, message) => {
    expect(() => parse(json)).toThrow(message)
  })

  it('that is nowhere is said, with what to do', async () => {
    expect(() => findChain({ conflist: undefined, directory: '/none', path: '/none' })).toThrow(
      'There is no network configuration in /none',
    )
    const driver = new CniNetworkDriver({ root: '/', runRoot: '/run/none', options: { conflist: '/none.conflist' } })
    expect(await driver.probe()).toMatchObject({ ok: false, remedy: expect.stringContaining('network.cni.conflist') })
    expect(await driver.gc(new Set())).toEqual([])
  })
})

describe('an answer', () => {
  const planned = planCni(request, chain, settings).attachment
  const mtuOf = (link: string) => (link === 'veth12' ? 1400 : undefined)
  const result = {
    interfaces: [
      { name: 'cni0', mac: '02:00:00:00:00:01' },
      { name: 'veth12' },
      { name: 'eth0', mac: '02:00:00:00:00:07', sandbox: '/n' },
    ],
    ips: [
      { address: '10.88.0.7/16', gateway: '10.88.0.1', interface: 2 },
      { address: 'fd00::7/64', gateway: 'fd00::1', interface: 2 },
    ],
    dns: { nameservers: ['10.88.0.53'], search: ['a.test', 'b.test'], options: ['ndots:2'] },
  }

  it('becomes what rt knows of the container', () => {
    expect(attachmentFrom({ dns: [] }, planned, result, mtuOf)).toEqual({
      driver: 'cni',
      interfaces: [
        {
          name: 'eth0',
          mac: '02:00:00:00:00:07',
          mtu: 1400,
          addresses: ['10.88.0.7/16', 'fd00::7/64'],
          gateway: '10.88.0.1',
          gateway6: 'fd00::1',
          hostEnd: 'veth12',
        },
      ],
      resolvConf: 'nameserver 10.88.0.53\nsearch a.test b.test\noptions ndots:2\n',
    })
  })

  it('leaves resolv.conf to the user, and to the host where no server is named', () => {
    expect(attachmentFrom({ dns: ['192.0.2.1'] }, planned, result, mtuOf).resolvConf).toBeUndefined()
    expect(
      attachmentFrom({ dns: [] }, planned, { ...result, dns: { search: ['a.test'] } }, mtuOf).resolvConf,
    ).toBeUndefined()
  })

  it('may name no interfaces at all', () => {
    const attachment = attachmentFrom({ dns: [] }, planned, { ips: [{ address: '10.0.0.2/24' }] }, mtuOf)
    expect(attachment.interfaces).toEqual([{ name: 'eth0', mac: '', mtu: 1500, addresses: ['10.0.0.2/24'] }])
  })
})
