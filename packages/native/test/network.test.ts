import { describe, expect, it } from 'vitest'
import { inNetns, isRoot } from './world/in-netns.ts'

describe.skipIf(!isRoot)('rtnetlink in a throwaway namespace (needs root)', () => {
  it('builds a bridge, a veth into a new namespace, addresses and routes', () => {
    const seen = inNetns('bridge.ts')
    expect(seen).toMatchObject({
      home: true,
      separate: true,
      sysctl: '1 2',
      awaited: { state: expect.stringContaining('state forwarding'), quick: true },
      awaitedNothing: true,
      hairpin: true,
      ping: 0,
      bridge: { name: 'br0', kind: 'bridge', mac: '02:42:ac:10:00:01', alias: 'rt bridge', up: true },
      port: { name: 'vethtest', kind: 'veth', master: 'br0', mtu: 1400, up: true },
      missing: null,
      insideUplink: 'eth0',
      hostUplink: null,
      afterClose: null,
    })
    expect(seen.generation).toSatisfy((value) => value === undefined || typeof value === 'number')
    const inside = seen.inside as { links: unknown[]; addresses: unknown[]; routes: unknown[] }
    expect(inside.links).toMatchObject([
      { name: 'lo', up: true },
      { name: 'eth0', mac: '02:42:ac:10:00:02', kind: 'veth', mtu: 1400, up: true },
    ])
    expect(inside.addresses).toEqual(
      expect.arrayContaining([
        { link: 'eth0', address: '172.16.0.2/16', family: 'inet' },
        { link: 'eth0', address: 'fd00:16::2/64', family: 'inet6' },
      ]),
    )
    expect(inside.routes).toEqual(
      expect.arrayContaining([
        { to: 'default', family: 'inet', table: 254, via: '172.16.0.1', link: 'eth0' },
        { to: '10.9.0.0/16', family: 'inet', table: 254, link: 'eth0' },
        expect.objectContaining({ to: 'default', family: 'inet6', via: 'fd00:16::1', link: 'eth0' }),
      ]),
    )
  })

  it('gives any number of links a local route to the same address, which goes with its link', () => {
    const seen = inNetns('local-routes.ts')
    expect(seen).toMatchObject({ before: false, made: [true, true, true, false, false], shell: 'done' })
    const routes = ['b1 metric 2048', 'b2 metric 2048', 'b3 metric 2048', 'lo'].map((at) => `local ::1 dev ${at}`)
    expect(seen.routes).toEqual(routes)
    expect(seen.used).toMatch(/dev lo /)
    expect(seen).toMatchObject({ quiet: null, calls: true })
    expect(seen.gone).toEqual(['local ::1 dev lo'])
  })

  it('gives a container an interface on the wire of a parent', () => {
    const seen = inNetns('macvlan.ts')
    expect(seen.inside).toMatchObject([
      { name: 'lo' },
      { name: 'eth0', kind: 'macvlan', mac: '02:42:ac:10:00:07', mtu: 1400, up: true },
    ])
    expect(seen).toMatchObject({ onHost: ['lo', 'mine', 'peer', 'wire'], ping: 0, again: 'EEXIST', noParent: 'ENODEV' })
    // The link that is taken back is the container's, never one of the host that has the same name.
    expect(seen.undone).toEqual(['lo'])
    // A kernel without ipvlan says so.
    expect(['ipvlan', 'EOPNOTSUPP']).toContain(seen.ipvlan)
  })

  it('names the step, the errno and what the kernel said, and undoes what was done', () => {
    const seen = inNetns('failures.ts')
    expect(seen.taken).toMatchObject({ code: 'RT_NETLINK', errno: 'EEXIST', op: 'link.add' })
    expect(seen.noRoutes).toBeNull()
    expect(seen.undone).toBeNull()
    expect(seen.sharedStays).toBe('b2')
    expect(seen.driverWords).toMatchObject({
      code: 'RT_NET_BRIDGE_FOREIGN',
      message: 'b2 is not ours.',
      remedy: 'Choose another.',
    })
    expect(seen.gateway).toMatchObject({
      message: 'Could not add the route to 10.0.0.0/8 by b2: Network is unreachable: Nexthop has invalid gateway.',
    })
    expect(seen.noLink).toMatchObject({ errno: 'ENODEV', said: 'No such device: there is no gone0' })
    expect(seen.dependent).toMatchObject({ errno: 'EEXIST' })
    expect(seen.mtu).toBe(1500)
  })

  it('cleans up without stopping at what fails', () => {
    const seen = inNetns('failures.ts')
    expect(seen.leave).toEqual(['false failed (exit status 1).'])
    expect(seen.gone).toBeNull()
  })

  it('tells whether rules of nf_tables are what they were, whatever others have', () => {
    const seen = inNetns('nft-rules.ts') as Record<string, [ours: string, jump: string]>
    expect(seen.nothing).toEqual(['', ''])
    expect(seen.made?.[0].split('\n')).toHaveLength(2)
    expect(seen.made?.[1].split('\n')).toHaveLength(1)
    expect(seen.beside).toEqual(seen.made)
    expect(seen.replaced?.[0]).not.toBe(seen.made?.[0])
    expect(seen.replaced?.[1]).toBe(seen.made?.[1])
    expect(seen.unplugged).toEqual([seen.replaced?.[0], ''])
    expect(seen.flushed).toEqual(['', ''])
  })
})
