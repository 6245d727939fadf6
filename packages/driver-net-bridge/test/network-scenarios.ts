import { existsSync, readdirSync } from 'node:fs'
import type { Netns } from '@rt/native'
import type { Scenario } from './scenarios.ts'
import { ask, define, driver, internet, join, perform, refusal, serve, sh, start, stop } from './world.ts'

const lines = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim())

const linksOf = (netns?: Netns): string[] =>
  (JSON.parse(sh('ip -j link', netns)) as { ifname: string }[]).map(({ ifname }) => ifname)

/** Two defined networks beside the driver's own; a container on both; one that leaves. */
const networks: Scenario = async (runRoot) => {
  const net = internet(1400)
  const web = await define(runRoot, 'web')
  const back = await define(runRoot, 'back', { internal: true, options: { mtu: '1300', name: 'backend' } }, [web])
  const one = await start(runRoot, 'a1', {}, { network: web, ip: '172.17.0.9', mac: '02:11:22:33:44:55' })
  const two = await join(one.netns, runRoot, 'a1', {}, { network: back, interface: 'eth1', primary: false })
  const other = await start(runRoot, 'b2', {}, { network: back })
  const own = await start(runRoot, 'c3')
  const servers = [await serve(8080, net), await serve(8081, one.netns)]
  const inside = {
    addresses: lines(
      sh('ip -4 -o addr show scope global | sed -E "s/.*(eth[0-9]) +inet ([^ ]+).*/\\\\1 \\\\2/"', one.netns),
    ),
    mac: JSON.parse(sh('ip -j link show eth0', one.netns))[0].address,
    mtus: ['eth0', 'eth1'].map((name) =>
      sh(`ip -o link show ${name} | sed -E "s/.*mtu ([0-9]+).*/\\\\1/"`, one.netns).trim(),
    ),
    routes: lines(sh('ip route', one.netns)).map((line) => line.replace(/ (proto|scope|src).*/, '')),
    routesOfInternal: lines(sh('ip route', other.netns)).map((line) => line.replace(/ (proto|scope|src).*/, '')),
  }
  const reach = {
    outside: ask('192.0.2.2', 8080, one.netns),
    overBack: ask(two.address, 8081, other.netns),
    outsideFromInternal: ask('192.0.2.2', 8080, other.netns),
  }
  const taken = await refusal(start(runRoot, 'd4', {}, { network: web, ip: '172.17.0.9' }))
  const group = await refusal(start(runRoot, 'd4', {}, { network: web, mac: '01:00:5e:00:00:01' }))
  const publishing = { protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 80, containerPort: 80 } as const
  const onInternal = await refusal(start(runRoot, 'd4', {}, { network: back, ports: [publishing] }))
  perform(two.plan.disconnect?.filter((step) => step.where === 'host') ?? [])
  perform(two.plan.leave)
  const disconnected = linksOf(one.netns)
  for (const server of servers) server.kill()
  const leases = () => readdirSync(`${runRoot}/net/bridge/backend/leases`)
  const before = leases()
  for (const each of [one, other, own]) stop(each)
  const after = leases()
  for (const each of [web, back]) perform(await driver(runRoot).remove(each))
  const removed = { links: linksOf(), state: readdirSync(`${runRoot}/net/bridge`).sort() }
  const twice = await driver(runRoot).remove(web)
  return { web, back, inside, reach, taken, group, onInternal, disconnected, before, after, removed, twice }
}

/** What `define` refuses, and what it finds out for itself. */
const defining: Scenario = async (runRoot) => {
  sh(
    'ip link add tun0 type veth peer name tun1; ip addr add 172.17.5.1/24 dev tun0; ip -6 addr add fd00:7::1/64 dev tun0 nodad; ip link set tun0 up',
  )
  sh('ip link add foreign type bridge')
  const web = await define(runRoot, 'web', {
    subnets: [{ subnet: '10.5.0.0/16', gateway: '10.5.9.9', ipRange: '10.5.7.0/24' }],
  })
  const six = await define(runRoot, 'six', { ipv6: true }, [web])
  const given = await define(runRoot, 'given', { subnets: [{ subnet: 'fd00:8::/80' }] }, [web, six])
  const of = (subnet: string, more: object = {}): Promise<string> =>
    refusal(define(runRoot, 'x', { subnets: [{ subnet, ...more }] }, [web, six]))
  const withOption = (options: Record<string, string>): Promise<string> =>
    refusal(define(runRoot, 'x', { options }, [web]))
  return {
    web: web.subnets,
    six: six.subnets,
    given: given.subnets,
    again: (await define(runRoot, 'six', { ipv6: true }, [web])).subnets[1]?.subnet === six.subnets[1]?.subnet,
    refused: {
      hostBits: await of('10.6.0.1/16'),
      rubbish: await of('10.6.0.0'),
      large: await of('10.0.0.0/7'),
      small: await of('10.6.0.0/31'),
      loopback: await of('127.0.0.0/8'),
      gateway: await of('10.6.0.0/16', { gateway: '10.7.0.1' }),
      broadcast: await of('10.6.0.0/16', { gateway: '10.6.255.255' }),
      range: await of('10.6.0.0/16', { ipRange: '10.7.0.0/24' }),
      noRoom: await of('10.6.0.0/16', { ipRange: '10.6.0.1/32' }),
      route: await of('172.17.0.0/16'),
      route6: await of('fd00:7::/64'),
      network: await of('10.5.128.0/24'),
      own: await of('172.16.0.0/24'),
      prefix6: await of('fd00:9::/48'),
      local6: await of('fe80::/64'),
      gateway6: await of('fd00:9::/64', { gateway: 'fd00:a::1' }),
      two: await refusal(define(runRoot, 'x', { subnets: [{ subnet: '10.6.0.0/16' }, { subnet: '10.7.0.0/16' }] })),
      numbers: await refusal(
        define(runRoot, 'x', {
          subnets: [{ subnet: '10.6.0.0/24' }, { subnet: 'fd00:9::/64', ipRange: 'fd00:9::1:0/112' }],
        }),
      ),
      option: await withOption({ 'com.docker.network.bridge.nam': 'x' }),
      long: await withOption({ name: 'a-much-too-long-name' }),
      mtu: await withOption({ 'com.docker.network.driver.mtu': '60' }),
      foreign: await withOption({ name: 'foreign' }),
      ownName: await withOption({ name: 'br0' }),
    },
    nothing: existsSync(`${runRoot}/net`),
  }
}

export const networkScenarios: Readonly<Record<string, Scenario>> = { networks, defining }
