/**
 * Many containers on one bridge: whether a start takes longer where there are many already, whether all of them reach the gateway and a
 * neighbour, by address and by name, and whether nothing is left when they go.
 *
 *     node bench/many.mjs [--containers 500] [--rt COMMAND] [--markdown]
 *
 * In namespaces of its own, with a data directory of its own.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { environment, must, run, time } from './command.mjs'
import { median, print } from './report.mjs'

const { values } = parseArgs({
  options: {
    containers: { type: 'string', default: '500' },
    rt: { type: 'string', default: join(import.meta.dirname, '../rt') },
    markdown: { type: 'boolean', default: false },
  },
})

if (!process.env.RT_BENCH_HERE) {
  const inside = ['--mount', '--net', '--propagation', 'private', process.execPath, ...process.argv.slice(1)]
  const { status } = spawnSync('unshare', inside, { stdio: 'inherit', env: { ...process.env, RT_BENCH_HERE: '1' } })
  process.exit(status ?? 1)
}

const scratch = mkdtempSync('/var/tmp/rt-bench-')
Object.assign(environment, { RT_ROOT: join(scratch, 'root'), RT_RUN_ROOT: join(scratch, 'run') })
const rt = values.rt.split(' ')
const count = Number(values.containers)
const name = (index) => `many-${index}`
const links = () => must(['ip', '-o', 'link']).split('\n').length
must(['ip', 'link', 'set', 'lo', 'up'])
must([...rt, 'run', '--rm', '--network=bridge', 'busybox', 'true'])
must([...rt, 'run', '--rm', '--network=bridge', 'busybox', 'true'])

const before = links()
const times = []
let status = 0
try {
  for (let index = 0; index < count; index++)
    times.push(
      time([...rt, 'run', '-d', '--rm', '--network=bridge', `--name=${name(index)}`, 'busybox', 'sleep', '100000']),
    )
  const groups = []
  for (const first of [0, ...[1, 2, 5].map((part) => Math.round((count * part) / 5) - 10)]) groups.push(first)
  const base = median(times.slice(0, 10))
  const rows = groups.map((first) => {
    const ten = median(times.slice(first, first + 10))
    return { name: `${first + 1} to ${first + 10}`, cells: [ten.toFixed(1), (ten / base).toFixed(2)] }
  })
  print(
    `run -d with as many on the bridge already (${count})`,
    rows,
    ['median of ten, ms', '× the first ten'],
    values.markdown,
  )

  const views = JSON.parse(must([...rt, 'inspect', ...times.map((_, index) => name(index))]))
  const reached = views.filter(({ State }, index) => {
    const neighbour = name((index + 1) % count)
    const script = `ping -c1 -W5 172.16.0.1 && ping -c1 -W5 ${neighbour}`
    return run(['nsenter', '-t', String(State.Pid), '-n', '-m', '-r', 'sh', '-c', script]).status === 0
  })
  console.log(`\n${reached.length} of ${count} reach the gateway, and their neighbour by its name`)
  status = reached.length === count ? 0 : 1
} finally {
  const all = times.map((_, index) => name(index))
  const removal = all.length > 0 ? time([...rt, 'rm', '-f', ...all]) : 0
  const left = must([...rt, 'ps', '-aq']).trim()
  // The kernel takes the cables away some time after the namespaces' last processes.
  for (let tries = 0; links() > before && tries < 100; tries++)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  const leases = must(['sh', '-c', `ls ${scratch}/run/net/bridge/br0/leases | wc -l`]).trim()
  console.log(
    `removed all in ${(removal / 1000).toFixed(1)} s; left: ${left === '' ? 0 : left.split('\n').length} containers, ${links() - before} interfaces, ${leases} leases`,
  )
  if (left !== '' || links() !== before || leases !== '0') status = 1
  rmSync(scratch, { recursive: true, force: true })
}
process.exitCode = status
