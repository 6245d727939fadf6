/**
 * Start to end of whole commands, side by side in one run: this kind of machine is too noisy for figures of different runs to be
 * compared. Rounds are interleaved, so that a slow minute slows all of them.
 *
 *     node bench/run.mjs [--rounds 10] [--runs 3] [--markdown]
 *
 * In namespaces of its own, with a data directory of its own. To measure beside docker and podman, run it where they are, with
 * RT_BENCH_HERE=1: it then uses the network namespace that it is in.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const here = import.meta.dirname
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    runs: { type: 'string', default: '3' },
    markdown: { type: 'boolean', default: false },
  },
})

if (!process.env.RT_BENCH_HERE) {
  const inside = ['--mount', '--net', '--propagation', 'private', process.execPath, ...process.argv.slice(1)]
  const { status } = spawnSync('unshare', inside, { stdio: 'inherit', env: { ...process.env, RT_BENCH_HERE: '1' } })
  process.exit(status ?? 1)
}

const scratch = mkdtempSync('/var/tmp/rt-bench-')
const empty = join(scratch, 'empty.cjs')
writeFileSync(empty, '')
const rt = [join(here, '../rt')]
const env = { ...process.env, RT_ROOT: join(scratch, 'root'), RT_RUN_ROOT: join(scratch, 'run') }
// Where it is set it costs Node tens of milliseconds; ./rt unsets it too.
delete env.NODE_EXTRA_CA_CERTS

const run = (argv) => spawnSync(argv[0], argv.slice(1), { env, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
const works = (...argv) => run(argv).status === 0

const commands = new Map([
  ['empty Node script', [process.execPath, empty]],
  ['rt --version', [...rt, '--version']],
  ['rt ps', [...rt, 'ps']],
  ['rt run, none', [...rt, 'run', '--rm', '--network=none', '--storage=overlay', 'busybox', 'true']],
  ['rt run, host', [...rt, 'run', '--rm', '--network=host', '--storage=overlay', 'busybox', 'true']],
  ['rt run, bridge', [...rt, 'run', '--rm', '--network=bridge', '--storage=overlay', 'busybox', 'true']],
])
const neighbours = [[...rt, 'run', '-d', '--name=neighbour', 'busybox', 'sleep', '100000']]
const leave = [[...rt, 'rm', '-f', 'neighbour']]
if (works('docker', 'image', 'inspect', 'busybox')) {
  commands.set('docker run, bridge', ['docker', 'run', '--pull', 'never', '--rm', 'busybox', 'true'])
  neighbours.push(['docker', 'run', '-d', '--pull', 'never', '--name', 'neighbour', 'busybox', 'sleep', '100000'])
  leave.push(['docker', 'rm', '-f', 'neighbour'])
}
if (works('podman', 'image', 'exists', 'busybox')) {
  commands.set('podman run, bridge', ['podman', 'run', '--rm', '--network', 'bridge', 'busybox', 'true'])
  neighbours.push(['podman', 'run', '-d', '--network', 'bridge', '--name', 'neighbour', 'busybox', 'sleep', '100000'])
  leave.push(['podman', 'rm', '-f', '-t', '0', 'neighbour'])
}

const median = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

/** Milliseconds of one run. */
const time = (argv) => {
  const start = process.hrtime.bigint()
  const { status, stderr, error } = run(argv)
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6
  if (status !== 0) throw new Error(`${argv.join(' ')} failed: ${error?.message ?? stderr}`)
  return elapsed
}

const times = new Map([...commands.keys()].map((name) => [name, []]))
try {
  for (const argv of neighbours) time(argv)
  for (const argv of commands.values()) time(argv)
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [name, argv] of commands) for (let n = 0; n < Number(values.runs); n++) times.get(name).push(time(argv))
} finally {
  for (const argv of leave) run(argv)
  rmSync(scratch, { recursive: true, force: true })
}

const floor = median(times.get('empty Node script'))
const fixed = (number, digits = 1) => number.toFixed(digits)
const rows = [...times].map(([name, all]) => {
  const m = median(all)
  return [name, String(all.length), fixed(m), fixed(Math.min(...all)), fixed(m / floor, 2)]
})
const header = ['command', 'n', 'median ms', 'min ms', '× empty Node']
if (values.markdown) {
  console.log(`| ${header.join(' | ')} |\n|---|---:|---:|---:|---:|`)
  for (const row of rows) console.log(`| ${row.join(' | ')} |`)
} else {
  for (const row of [header, ...rows])
    console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(20) : cell.padStart(13))).join(''))
}
