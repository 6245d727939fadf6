/**
 * Many containers on one bridge: whether a start takes longer where there are many already, whether all of them reach the gateway and a
 * neighbour, by address and by name, and whether nothing is left when they go.
 *
 *     node bench/many.mjs [--containers 500] [--rt COMMAND] [--markdown]
 *
 * In namespaces of its own, with a data directory of its own.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { environment, must, run, time } from './command.mjs'
import { enterOwnNamespaces, makePlaces } from './places.mjs'
import { median, print } from './report.mjs'

const { values } = parseArgs({
  options: {
    containers: { type: 'string', default: '500' },
    rt: { type: 'string', default: join(import.meta.dirname, '../rt') },
    markdown: { type: 'boolean', default: false },
  },
})

enterOwnNamespaces()

const { scratch, remove } = makePlaces()
const rt = values.rt.split(' ')
const count = Number(values.containers)
const name = (index) => `many-${index}`
const links = () => must(['ip', '-o', 'link']).split('\n').length
must(['ip', 'link', 'set', 'lo', 'up'])
must([...rt, 'run', '--rm', '--network=bridge', 'busybox', 'true'])
must([...rt, 'run', '--rm', '--network=bridge', 'busybox', 'true'])

/**
 * The kernel keeps 1024 neighbours for all namespaces together (neigh.default.gc_thresh3), and forgets none that is younger than 5 s: so
 * many pings at once meet that bound, and the next ones do not.
 */
const patient = (to) => `for n in 1 2 3 4 5 6 7 8; do ping -c1 -W1 ${to} && break; done`

const before = links()
const times = []
/** An empty Node script beside each start: what the machine itself does meanwhile. */
const floors = []
const empty = join(scratch, 'empty.cjs')
writeFileSync(empty, '')
let status = 0
try {
  for (let index = 0; index < count; index++) {
    times.push(
      time([...rt, 'run', '-d', '--rm', '--network=bridge', `--name=${name(index)}`, 'busybox', 'sleep', '100000']),
    )
    floors.push(time([process.execPath, empty]))
  }
  const groups = []
  for (const first of [0, ...[1, 2, 5].map((part) => Math.max(0, Math.round((count * part) / 5) - 10))])
    groups.push(first)
  const ratio = (first) => median(times.slice(first, first + 10)) / median(floors.slice(first, first + 10))
  const rows = groups.map((first) => {
    const ten = median(times.slice(first, first + 10))
    return {
      name: `${first + 1} to ${first + 10}`,
      cells: [ten.toFixed(1), ratio(first).toFixed(2), (ratio(first) / ratio(0)).toFixed(2)],
    }
  })
  print(
    `run -d with as many on the bridge already (${count})`,
    rows,
    ['median of ten, ms', '× empty Node', '× the first ten'],
    values.markdown,
  )

  const views = JSON.parse(must([...rt, 'inspect', ...times.map((_, index) => name(index))]))
  const reach = (index) => {
    const script = `exec 2>&1; ${patient('172.16.0.1')} && ${patient(name((index + 1) % count))}`
    const inside = ['nsenter', '-t', String(views[index].State.Pid), '-n', '-m', '-r', 'sh', '-c', script]
    return run(inside).status === 0
  }
  const late = [...views.keys()].filter((index) => !reach(index))
  const problems = late.filter((index) => !reach(index))
  console.log(
    `\n${count - problems.length} of ${count} reach the gateway, and their neighbour by its name; ${late.length} of them only when asked again`,
  )
  if (problems.length > 0) console.log(`  not: ${problems.map(name).join(' ')}`)
  status = problems.length === 0 ? 0 : 1
} finally {
  const all = times.map((_, index) => name(index))
  const removal = all.length > 0 ? time([...rt, 'rm', '-f', ...all]) : 0
  const left = must([...rt, 'ps', '-aq']).trim()
  // The kernel takes the cables away some time after the namespaces' last processes.
  for (let tries = 0; links() > before && tries < 100; tries++)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  const leases = must(['sh', '-c', `ls ${environment.RT_RUN_ROOT}/net/bridge/br0/leases | wc -l`]).trim()
  console.log(
    `removed all in ${(removal / 1000).toFixed(1)} s; left: ${left === '' ? 0 : left.split('\n').length} containers, ${links() - before} interfaces, ${leases} leases`,
  )
  if (left !== '' || links() !== before || leases !== '0') status = 1
  remove()
}
process.exitCode = status
