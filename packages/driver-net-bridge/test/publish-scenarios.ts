import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { PublishedPort } from '@rt/driver-api'
import { openNetns } from '@rt/native'
import { OUTSIDE, toShell } from '@rt/native/explain'
import type { Scenario } from './scenarios.ts'
import { ask, define, driver, internet, perform, serve, sh, start, stop } from './world.ts'

const published = (hostPort: number, containerPort: number, hostAddress = '0.0.0.0'): PublishedPort => ({
  protocol: 'tcp',
  hostAddress,
  hostPort,
  containerPort,
})

/** Of both firewalls, one a line; nft also shows what iptables made. */
const rules = (): string[] =>
  sh('nft list ruleset')
    .split('\n')
    .filter((line) => /rt[-_ ]|RT-|8080/.test(line))
const published8080 = (): string[] => rules().filter((line) => line.includes('8080'))

/** A container that publishes, on a defined network with both families: who reaches it, after a flush, and when it is gone. */
const publishing: Scenario = async (runRoot) => {
  const net = internet(1500)
  sh('ip link set lo up')
  const web = await define(runRoot, 'web', { subnets: [{ subnet: '10.5.0.0/24' }, { subnet: 'fd00:5::/64' }] })
  const ports = [published(8080, 80), published(8080, 80, '::')]
  const one = await start(runRoot, 'a1', {}, { network: web, ports })
  const two = await start(runRoot, 'b2', {}, { network: web })
  const own = await start(runRoot, 'c3', { ipv6: true })
  const server = await serve(80, one.netns)
  const bridge = 'rt-776562000000'
  const file = `${runRoot}/net/bridge/${bridge}/ports/${one.id}`
  const reach = () => ({
    outside: ask('192.0.2.1', 8080, net),
    outside6: ask('2001:db8::1', 8080, net),
    host: ask('192.0.2.1', 8080),
    localhost: ask('127.0.0.1', 8080) !== undefined,
    neighbour: ask('192.0.2.1', 8080, two.netns) !== undefined,
    neighbour6: ask('2001:db8::1', 8080, two.netns) !== undefined,
    itself: ask('192.0.2.1', 8080, one.netns) !== undefined,
    anotherNetwork: ask('192.0.2.1', 8080, own.netns) !== undefined,
  })
  const first = reach()
  const hairpin = ['a1', 'b2'].map((id) => {
    const [link] = (id === 'a1' ? one : two).plan.disconnect ?? []
    const name = link?.op === 'link.del' ? link.name : ''
    return sh(`bridge -d link show dev ${name}`).includes('hairpin on')
  })
  const noted = JSON.parse(readFileSync(file, 'utf8'))
  sh(
    'for t in filter nat raw mangle; do iptables -t $t -F; ip6tables -t $t -F; done; echo 0 > /proc/sys/net/ipv4/ip_forward',
  )
  const flushed = ask('192.0.2.1', 8080, net) ?? 'no answer'
  perform(await driver(runRoot, { ipv6: true }).reload([web]))
  const reloaded = reach()
  const twice = await driver(runRoot, { ipv6: true }).reload([web])
  server.kill()
  // Killed: its network namespace ends, and nobody performs what it had to leave.
  one.netns.close()
  const live = new Set([two.id, own.id])
  perform(await driver(runRoot).gc(live))
  const collected = {
    file: existsSync(file),
    rules: published8080(),
    leases: readdirSync(`${runRoot}/net/bridge/${bridge}/leases`),
    again: await driver(runRoot).gc(live),
  }
  const four = await start(runRoot, 'd4', {}, { network: web, ports })
  const during = published8080().length > 0
  for (const each of [four, two, own]) stop(each)
  const ended = {
    rules: published8080(),
    files: readdirSync(`${runRoot}/net/bridge/${bridge}/ports`),
  }
  perform(await driver(runRoot).remove(web))
  perform(await driver(runRoot).reset([]))
  const left = {
    rules: rules(),
    links: sh('ip -o link').match(/br0|rt-/g) ?? [],
    files: readdirSync(`${runRoot}/net/bridge`),
  }
  return { first, hairpin, noted, flushed, reloaded, twice, collected, during, ended, left }
}

/** The same steps as a person would perform them: every line of the explanation in a shell. */
const pasted: Scenario = async (runRoot) => {
  const net = internet(1400)
  sh('ip link set lo up')
  const web = await define(runRoot, 'web', { subnets: [{ subnet: '10.5.0.0/24' }, { subnet: 'fd00:5::/64' }] })
  const container = { id: 'a1'.padEnd(64, '0'), name: 'a1', hostname: 'a1' }
  const ports = [published(8080, 80), published(8080, 80, '::')]
  const plan = await driver(runRoot).setup({ container, dns: [], network: web, ports, mac: '02:00:00:00:00:07' })
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo made; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  const context = { ...OUTSIDE, netns: String(holder.pid) }
  const script = ['set -e', ...plan.enter.flatMap((step) => toShell(step, context))].join('\n')
  sh(script)
  const inside = openNetns(holder.pid as number)
  const server = await serve(80, inside)
  const result = {
    outside: ask('192.0.2.1', 8080, net),
    outside6: ask('2001:db8::1', 8080, net),
    itself: ask('192.0.2.1', 8080, inside) !== undefined,
    interface: sh('ip -o link show eth0', inside).match(/mtu (\d+)|02:00:00:00:00:07/g),
    // What rt would still have to do.
    missing: (await driver(runRoot).reload([web])).map(({ op }) => op),
  }
  for (const child of [server, holder]) child.kill()
  sh(['set -e', ...plan.leave.flatMap((step) => toShell(step))].join('\n'))
  const state = `${runRoot}/net/bridge/rt-776562000000`
  return { ...result, left: [readdirSync(`${state}/leases`), readdirSync(`${state}/ports`), published8080()] }
}

export const publishScenarios: Readonly<Record<string, Scenario>> = { publishing, pasted }
