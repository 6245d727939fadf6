/**
 * One TCP stream of iperf3 between container and host and between two containers, beside the same topology made by hand with `ip`, and
 * beside docker and podman where they are. Rounds are interleaved; iperf3 is the machine's own, in the containers' network namespaces, its
 * two ends on one processor each: where the scheduler puts them makes more of a difference than any bridge. What is compared with the one
 * made by hand is each turn with that one's own of the same round, for a machine has slow minutes.
 *
 *     [RT_BENCH_HERE=1] node bench/throughput.mjs [--rounds 20] [--seconds 1] [--rt COMMAND] [--markdown]
 *
 * In namespaces of its own, unless RT_BENCH_HERE says that it is in such already (where docker and podman are).
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { must } from './command.mjs'
import { findEngines, named } from './engines.mjs'
import { enterOwnNamespaces, makePlaces } from './places.mjs'
import { median, print, quartiles } from './report.mjs'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '1' },
    rt: { type: 'string', default: join(import.meta.dirname, '../rt') },
    markdown: { type: 'boolean', default: false },
  },
})

enterOwnNamespaces()

const { scratch, remove } = makePlaces()
must(['ip', 'link', 'set', 'lo', 'up'])

/** Two containers of an engine's default network, and their gateway's address, which is the host's. */
const ofEngine = (engine) => {
  for (const which of ['a', 'b']) must(engine.start(named(`net-${engine.name}-${which}`)))
  const place = (which) => {
    const enter = ['nsenter', '-t', String(engine.pid(named(`net-${engine.name}-${which}`))), '-n']
    return { enter, address: addressOf([...enter, 'ip', '-4', '-o', 'addr', 'show', 'dev', 'eth0']) }
  }
  const [a, b] = [place('a'), place('b')]
  const [, gateway] = /via (\S+)/.exec(must([...a.enter, 'ip', 'route', 'show', 'default']))
  return { name: engine.name, a, b, gateway, clear: () => engine.clear() }
}

const addressOf = (argv) => /inet ([\d.]+)/.exec(must(argv))[1]

/** A bridge, two veth pairs, two namespaces: what `bridge` makes, without any rule. */
const byHand = () => {
  const sh = (script) => must(['sh', '-euc', script])
  sh('ip link add hand0 type bridge; ip addr add 10.199.0.1/24 dev hand0; ip link set hand0 up')
  const holders = ['a', 'b'].map((which, index) => {
    const holder = spawn('unshare', ['--net', 'sleep', '100000'], { stdio: 'ignore' })
    const enter = ['nsenter', '-t', String(holder.pid), '-n']
    const address = `10.199.0.${index + 2}`
    // The new namespace is there when it is not this one any more.
    sh(`until [ "$(readlink /proc/${holder.pid}/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done
      ip link add hand${which} type veth peer name eth0 netns ${holder.pid}; ip link set hand${which} master hand0 up
      ${enter.join(' ')} sh -c 'ip link set lo up; ip addr add ${address}/24 dev eth0; ip link set eth0 up; ip route add default via 10.199.0.1'`)
    return { holder, enter, address }
  })
  const clear = () => {
    for (const { holder } of holders) holder.kill()
    sh('ip link del hand0')
  }
  return { name: 'by hand, with ip', a: holders[0], b: holders[1], gateway: '10.199.0.1', clear }
}

/** @returns Gbit/s of one stream */
const stream = async (server, client, address) => {
  const argv = [
    ...server,
    'taskset',
    '--cpu-list',
    '0',
    'iperf3',
    '--server',
    '--one-off',
    '--forceflush',
    '--bind',
    address,
  ]
  const listening = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(listening.stdout, 'data')
  // It says that it listens before it does.
  const connect = `i=0; until out=$(taskset --cpu-list 1 iperf3 --client ${address} --time ${values.seconds} --json); do i=$((i+1)); [ $i -lt 50 ] || exit 1; done; printf %s "$out"`
  const report = JSON.parse(must([...client, 'sh', '-c', connect]))
  await once(listening, 'exit')
  return report.end.sum_received.bits_per_second / 1e9
}

const WAYS = [
  ['container to host', ({ a, gateway }) => stream([], a.enter, gateway)],
  ['host to container', ({ a }) => stream(a.enter, [], a.address)],
  ['container to container', ({ a, b }) => stream(b.enter, a.enter, b.address)],
]

const engines = findEngines(values.rt.split(' '), scratch).filter(({ name }) => name !== 'crun')
const places = []
try {
  places.push(byHand())
  for (const engine of engines) places.push(ofEngine(engine))
  const results = places.map(() => WAYS.map(() => []))
  // Everybody comes first as often as the others: a machine that slows down within a round would favour one of them.
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [way, [, measure]] of WAYS.entries())
      for (let turn = 0; turn < places.length; turn++) {
        const index = (turn + round) % places.length
        results[index][way].push(await measure(places[index]))
      }
  const rows = places.map(({ name }, index) => ({
    name,
    cells: results[index].map((all, way) => {
      const beside = all.map((one, round) => one / results[0][way][round])
      const [low, high] = quartiles(beside)
      return `${median(all).toFixed(1)} (${median(beside).toFixed(2)}; ${low.toFixed(2)}-${high.toFixed(2)})`
    }),
  }))
  const title = `One TCP stream, Gbit/s (beside the one made by hand in the same round: median; quartiles), ${values.rounds} rounds`
  print(
    title,
    rows,
    WAYS.map(([name]) => name),
    values.markdown,
  )
} finally {
  for (const place of places) place.clear()
  for (const engine of engines) engine.clear()
  remove()
}
