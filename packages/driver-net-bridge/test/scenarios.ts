import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { ask, driver, internet, perform, refusal, serve, sh, start, stop } from './world.ts'

export type Scenario = (runRoot: string) => Promise<unknown>

const rules = (): string[] =>
  sh('iptables-save')
    .split('\n')
    .filter((line) => line.startsWith('-A'))

/** Two containers: what the second one still needs, what is inside, and who reaches whom. */
const two: Scenario = async (runRoot) => {
  const net = internet(1400)
  const server = await serve(8080, net)
  const local = await serve(8081)
  const one = await start(runRoot, 'a1')
  const other = await start(runRoot, 'b2')
  const third = await start(runRoot, 'c3')
  const inner = await serve(8082, one.netns)
  const result = {
    addresses: [one.address, other.address, third.address],
    shared: [one, other, third].map(({ plan }) => plan.enter.filter((step) => step.shared).length),
    bridge: JSON.parse(sh('ip -j -d addr show br0'))[0],
    eth0: JSON.parse(sh('ip -j addr show eth0', other.netns))[0],
    route: sh('ip route show default', other.netns).trim(),
    gateway: ask('172.16.0.1', 8081, other.netns),
    neighbour: ask(one.address, 8082, other.netns),
    outside: ask('192.0.2.2', 8080, other.netns),
  }
  sh('iptables -t nat -F RT-NAT-br0')
  const withoutNat = ask('192.0.2.2', 8080, other.netns) ?? 'no answer'
  perform(await driver(runRoot).reload([]))
  const reloaded = ask('192.0.2.2', 8080, other.netns)
  for (const each of [server, local, inner]) each.kill()
  for (const each of [one, other, third]) stop(each)
  return { ...result, withoutNat, reloaded, leases: readdirSync(`${runRoot}/net/bridge/br0/leases`) }
}

/** Beside a firewall of somebody else's: a policy of DROP, chains of their own; then everything away again. */
const foreign: Scenario = async (runRoot) => {
  sh(`iptables -P FORWARD DROP; iptables -N DOCKER-USER; iptables -A DOCKER-USER -j RETURN; iptables -A FORWARD -j DOCKER-USER
      iptables -t nat -N DOCKER; iptables -t nat -A POSTROUTING -s 10.1.0.0/16 -j MASQUERADE`)
  const save = (): string[] =>
    sh('iptables-save')
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.replace(/\[.*/, ''))
  const before = save()
  const net = internet(1500)
  const server = await serve(8080, net)
  const one = await start(runRoot, 'a1')
  const seen = ask('192.0.2.2', 8080, one.netns)
  const foreignDuring = before.filter((line) => !save().includes(line))
  sh('iptables -F; iptables -t nat -F')
  perform(await driver(runRoot).reload([]))
  const afterFlush = ask('192.0.2.2', 8080, one.netns)
  sh(
    'iptables -A DOCKER-USER -j RETURN; iptables -A FORWARD -j DOCKER-USER; iptables -t nat -A POSTROUTING -s 10.1.0.0/16 -j MASQUERADE',
  )
  server.kill()
  stop(one)
  perform(await driver(runRoot).reset([]))
  return {
    seen,
    foreignDuring,
    afterFlush,
    restored: JSON.stringify(save()) === JSON.stringify(before),
    bridge: existsSync('/proc/sys/net/ipv4/conf/br0'),
    forwarding: sh('cat /proc/sys/net/ipv4/ip_forward').trim(),
    files: readdirSync(`${runRoot}/net/bridge`),
  }
}

/** Twenty processes start the first containers of this host at the same moment. */
const crowd: Scenario = async (runRoot) => {
  const children = Array.from({ length: 20 }, (_, index) =>
    spawn(process.execPath, [...process.execArgv, process.argv[1] as string, 'one', runRoot], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, RT_TEST_ID: `c${index}` },
    }),
  )
  const addresses = await Promise.all(
    children.map(async (child) => {
      for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as string
      return `failed: ${await text(child.stderr)}`
    }),
  )
  const links = sh('ip -o link show master br0').trim().split('\n').length
  for (const child of children) child.stdin.end()
  return { addresses, links, rules: rules() }
}

/** One container that stays until its standard input ends. */
const one: Scenario = async (runRoot) => {
  const container = await start(runRoot, process.env.RT_TEST_ID ?? 'x')
  console.log(JSON.stringify(container.address))
  process.stdin.resume()
  await once(process.stdin, 'end')
  stop(container)
  return 'stopped'
}

/** A host that routes the first pool elsewhere, and bridges that are not ours. */
const refused: Scenario = async (runRoot) => {
  sh(
    'ip link set lo up; ip link add tun0 type veth peer name tun1; ip addr add 172.16.7.1/24 dev tun0; ip link set tun0 up',
  )
  sh('ip link add foreign type bridge')
  const failure = (options: Record<string, unknown>): Promise<string> => refusal(start(runRoot, 'a1', options))
  const result = {
    explicit: await failure({ subnet: '172.16.0.0/16' }),
    foreign: await failure({ name: 'foreign' }),
    probe: await driver(runRoot, { name: 'foreign' }).probe(),
    nothing: sh('ip -o link').includes('br0'),
  }
  const moved = await start(runRoot, 'b2')
  return { ...result, moved: moved.address, ok: await driver(runRoot).probe() }
}

/** The median cost of observing and planning, and of performing, in microseconds, with many containers on the bridge. */
const cost: Scenario = async (runRoot) => {
  const times: [setup: number, perform: number][] = []
  const { createNetns, performSteps } = await import('@rt/native')
  for (let index = 0; index < 60; index++) {
    const netns = createNetns()
    const id = `d${index}`.padEnd(64, '0')
    const begin = process.hrtime.bigint()
    const plan = await driver(runRoot).setup({ container: { id, name: id, hostname: id }, dns: [] })
    const middle = process.hrtime.bigint()
    performSteps(plan.enter, { netns })
    times.push([Number(middle - begin) / 1000, Number(process.hrtime.bigint() - middle) / 1000])
  }
  const median = (from: number, to: number, which: 0 | 1) =>
    Math.round(
      times
        .slice(from, to)
        .map((each) => each[which])
        .sort((a, b) => a - b)[Math.floor((to - from) / 2)] ?? 0,
    )
  return {
    first: times[0],
    second: times[1],
    early: [median(2, 12, 0), median(2, 12, 1)],
    late: [median(50, 60, 0), median(50, 60, 1)],
  }
}

export const scenarios: Readonly<Record<string, Scenario>> = { two, foreign, crowd, one, refused, cost }
