/**
 * Whole commands, start to end, side by side in one run: this kind of machine is too noisy for figures of different runs to be
 * compared. Rounds are interleaved, so that a slow minute slows all of them.
 *
 *     node bench/run.mjs [--only start,exec,detached,stop,rm,ps,parallel,memory] [--rounds 10] [--runs 3] [--containers 100]
 *                        [--at-once 20] [--rt COMMAND] [--markdown]
 *
 * In namespaces of its own, with a data directory of its own. To measure beside docker, podman and crun, run it where they are, with
 * RT_BENCH_HERE=1: it then uses the namespaces that it is in. What an engine cannot do is said in its row.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { run } from './command.mjs'
import { findEngines } from './engines.mjs'
import { measure } from './measure.mjs'
import { memory } from './memory.mjs'
import { enterOwnNamespaces, makePlaces } from './places.mjs'
import { print } from './report.mjs'
import { SUBJECTS } from './subjects.mjs'

const here = import.meta.dirname
const names = [...Object.keys(SUBJECTS), 'memory']
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: names.join() },
    rounds: { type: 'string', default: '10' },
    runs: { type: 'string', default: '3' },
    containers: { type: 'string', default: '100' },
    'at-once': { type: 'string', default: '20' },
    rt: { type: 'string', default: join(here, '../rt') },
    markdown: { type: 'boolean', default: false },
  },
})
const only = values.only.split(',')
for (const name of only) if (!names.includes(name)) throw new Error(`there is no ${name}: ${names.join(', ')}`)

enterOwnNamespaces()

const { scratch, remove } = makePlaces()
const empty = join(scratch, 'empty.cjs')
writeFileSync(empty, '')
const settings = {
  scratch,
  rounds: Number(values.rounds),
  runs: Number(values.runs),
  containers: Number(values.containers),
  atOnce: Number(values['at-once']),
}
const floor = { name: 'empty Node script', argv: [process.execPath, empty] }
const engines = findEngines(values.rt.split(' '), scratch)
try {
  for (const name of only.filter((each) => each !== 'memory')) {
    const subject = SUBJECTS[name]
    const rows = measure([floor, ...subject.measures(engines, settings)], settings)
    print(subject.title(settings), rows, values.markdown)
  }
  if (only.includes('memory')) print(...memory(engines, settings), values.markdown)
} finally {
  for (const engine of engines) engine.clear()
  remove()
}
if (run(floor.argv).status !== 0) process.exitCode = 1
