import { readFileSync } from 'node:fs'
import { must } from './command.mjs'
import { named } from './engines.mjs'

const field = (text, name) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN)

/** KiB of memory that only this process needs, with its share of what it has in common with others. */
const pss = (pid) => field(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss')

/** What stands behind a container: the parent of its first process. crun leaves nobody; then it is pid 1 or whoever collects orphans. */
const supervisor = (pid) => field(readFileSync(`/proc/${pid}/status`, 'utf8'), 'PPid')

/**
 * Memory of an idle detached container beyond its own process: PSS of its supervisor, alone and with others, of which each then has a
 * part of the pages that they share. What daemons keep for it besides is not in it.
 */
export const memory = (engines, { containers }) => {
  const rows = engines
    .filter(({ name }) => name !== 'crun')
    .map((engine) => {
      const all = Array.from({ length: containers }, (_, n) => named(`idle-${n}`))
      try {
        must(engine.start(all[0]))
        const alone = pss(supervisor(engine.pid(all[0])))
        for (const box of all.slice(1)) must(engine.start(box))
        const each = all.map((box) => pss(supervisor(engine.pid(box))))
        return { name: engine.name, cells: [`${alone}`, `${Math.round(each.reduce((a, b) => a + b) / each.length)}`] }
      } catch (error) {
        return { name: engine.name, cells: ['', ''], problem: error.message }
      } finally {
        engine.clear()
      }
    })
  return [
    'Standing memory of an idle detached container beyond its own process',
    rows,
    ['alone, PSS KiB', `each of ${containers}, PSS KiB`],
  ]
}
