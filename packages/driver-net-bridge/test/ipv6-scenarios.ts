import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Netns } from '@rt/native'
import type { Scenario } from './scenarios.ts'
import {
  advertise,
  ask,
  type Container,
  define,
  driver,
  internet,
  perform,
  refusal,
  serve,
  sh,
  start,
  stop,
} from './world.ts'

const BAD = '2001:db8:bad:'

const setting = (key: string, netns?: Netns): string => sh(`cat /proc/sys/net/ipv6/conf/${key}`, netns).trim()

/** What an interface has, link-local addresses left out. */
const global6 = (link: string, netns?: Netns): string[] =>
  JSON.parse(sh(`ip -j -6 addr show dev ${link} scope global`, netns))
    .flatMap((each: { addr_info?: { local?: string; prefixlen: number }[] }) => each.addr_info ?? [])
    .flatMap(({ local, prefixlen }: { local?: string; prefixlen: number }) =>
      local === undefined ? [] : [`${local}/${prefixlen}`],
    )

/** Until the kernel has read what was sent to it; it takes addresses in a work queue of its own. */
const learns = (link: string): boolean => {
  const deadline = performance.now() + 3000
  while (performance.now() < deadline) if (global6(link).some((each) => each.startsWith(BAD))) return true
  return false
}

/** The driver's own network with IPv6, and a defined one; a host that learns its own routes from advertisements. */
const six: Scenario = async (runRoot) => {
  const net = internet(1400)
  sh('ip link set lo up')
  const before = { forwarding: setting('all/forwarding'), acceptRa: setting('up0/accept_ra') }
  const options = { ipv6: true }
  const web = await define(runRoot, 'web', { subnets: [{ subnet: 'fd00:5::/64' }] })
  const one = await start(runRoot, 'a1', options)
  const two = await start(runRoot, 'b2', options)
  const three = await start(runRoot, 'c3', options, { network: web, ip6: 'fd00:5::77' })
  const [, own = ''] = one.plan.attachment.interfaces[0]?.addresses ?? []
  const gateway = one.plan.attachment.interfaces[0]?.gateway6 ?? ''
  const servers = [await serve(8080, net), await serve(8081, one.netns), await serve(8082)]
  const inside = {
    own: own.replace(/^.*::/, '::'),
    eth0: global6('eth0', one.netns).join() === own,
    flags: sh('ip -6 -o addr show dev eth0', one.netns).includes('tentative'),
    bridge: sh('ip -6 -o addr show dev br0').includes('tentative'),
    route: sh('ip -6 route show default', one.netns).includes(`via ${gateway} dev eth0`),
    asked: global6('eth0', three.netns),
    acceptRa: setting('eth0/accept_ra', one.netns),
  }
  const reach = {
    gateway: ask(gateway, 8082, one.netns) === own.replace(/\/.*/, ''),
    neighbour: ask(own.replace(/\/.*/, ''), 8081, two.netns)?.replace(/^.*::/, '::'),
    outside: ask('2001:db8::2', 8080, one.netns),
    outsideOfWeb: ask('2001:db8::2', 8080, three.netns),
    outside4: ask('192.0.2.2', 8080, one.netns),
  }
  const during = {
    forwarding: setting('all/forwarding'),
    acceptRa: setting('up0/accept_ra'),
    bridge: setting('br0/accept_ra'),
  }
  advertise('eth0', two.netns)
  advertise('eth0', net)
  // The host hears its uplink after the bridge: when it has learned from the one, it would have learned from the other.
  const advertised = {
    uplink: learns('up0'),
    bridge: global6('br0').some((each) => each.startsWith(BAD)),
    neighbour: global6('eth0', one.netns).some((each) => each.startsWith(BAD)),
  }
  for (const server of servers) server.kill()
  for (const each of [one, two, three]) stop(each)
  perform(await driver(runRoot, options).reset([web]))
  const after = { forwarding: setting('all/forwarding'), acceptRa: setting('up0/accept_ra') }
  const left = sh('ip -o link; nft list ruleset').match(/br0|rt-|RT-|inet rt/g) ?? []
  return { before, inside, reach, during, advertised, after, left }
}

/** A host's settings when its networks are removed one by one, and by a reset that finds none. */
const restored: Scenario = async (runRoot) => {
  internet(1500)
  const forwarding = (): string[] => [sh('cat /proc/sys/net/ipv4/ip_forward').trim(), setting('all/forwarding')]
  const web = await define(runRoot, 'web', { ipv6: true })
  const back = await define(runRoot, 'back', { ipv6: true }, [web])
  const seen = [forwarding()]
  for (const network of [web, back]) stop(await start(runRoot, 'a1', {}, { network }))
  for (const network of [web, back]) {
    perform(await driver(runRoot).remove(network))
    seen.push(forwarding())
  }
  const files = readdirSync(`${runRoot}/net/bridge`)
  // As it was left by an earlier version, or a removal that was killed.
  writeFileSync(`${runRoot}/net/bridge/ip_forward.before`, '0\n')
  sh('echo 1 > /proc/sys/net/ipv4/ip_forward')
  perform(await driver(runRoot).reset([]))
  return { seen: [...seen, forwarding()], files: [...files, ...readdirSync(`${runRoot}/net/bridge`)] }
}

/** The driver's own network gets IPv6 when it has containers already. */
const later: Scenario = async (runRoot) => {
  const old = await start(runRoot, 'a1')
  const shared = ({ plan }: Container): string[] =>
    plan.enter.filter((step) => step.shared && step.op !== 'exec').map(({ op }) => op)
  const first = await start(runRoot, 'b2', { ipv6: true })
  const second = await start(runRoot, 'c3', { ipv6: true })
  const third = await start(runRoot, 'd4', { ipv6: true })
  const server = await serve(8080, third.netns)
  const [, address = ''] = third.plan.attachment.interfaces[0]?.addresses ?? []
  const result = {
    first: shared(first).includes('addr.add'),
    second: shared(second),
    third: shared(third),
    notes: readFileSync(`${runRoot}/net/bridge/br0/notes`, 'utf8').includes(address.replace(/::.*/, '::1/64')),
    reached: ask(address.replace(/\/.*/, ''), 8080, second.netns) !== undefined,
    old: global6('eth0', old.netns),
  }
  server.kill()
  return result
}

/** A kernel without IPv6, as far as a program can see. */
const without: Scenario = async (runRoot) => {
  sh('mount -t tmpfs none /proc/sys/net')
  return {
    own: await refusal(start(runRoot, 'a1', { ipv6: true })),
    defined: await refusal(define(runRoot, 'web', { ipv6: true })),
    subnet: await refusal(define(runRoot, 'web', { subnets: [{ subnet: 'fd00:5::/64' }] })),
    probe: await driver(runRoot, { ipv6: true }).probe(),
    four: (await define(runRoot, 'web')).subnets.length,
  }
}

/** One container after the other with the same address and other MACs: a neighbour that remembers is told. */
const announced: Scenario = async (runRoot) => {
  const web = await define(runRoot, 'web', { subnets: [{ subnet: 'fd00:5::/64' }, { subnet: '10.5.0.0/24' }] })
  const neighbour = await start(runRoot, 'a1', {}, { network: web })
  const server = await serve(8080, neighbour.netns)
  const seen: string[][] = []
  for (const mac of ['02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03']) {
    const one = await start(runRoot, 'b2', {}, { network: web, ip: '10.5.0.9', mac })
    // Before anybody has asked for it again.
    const entries = JSON.parse(sh('ip -j neigh show dev eth0', neighbour.netns)) as { dst: string; lladdr?: string }[]
    seen.push(entries.flatMap(({ dst, lladdr }) => (/[.:]9$/.test(dst) ? [`${dst} ${lladdr}`] : [])).sort())
    ask('10.5.0.2', 8080, one.netns)
    ask('fd00:5::2', 8080, one.netns)
    stop(one)
  }
  server.kill()
  stop(neighbour)
  return seen
}

export const ipv6Scenarios: Readonly<Record<string, Scenario>> = { six, restored, later, without, announced }
