import { times as timed } from './command.mjs'

/**
 * The kernel takes the namespaces of whoever came before apart in the background, for some tens of milliseconds, and holds the network's lock
 * (RTNL) meanwhile: without a pause each engine would pay for its predecessor's end. There is no event for it.
 */
const SETTLE_MS = 100
const settle = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SETTLE_MS)

/**
 * Times rows in interleaved rounds. A row that fails once is not tried again and says why; what others measured stays.
 * @returns rows with `times` and `processor` (of each run, in ticks of 10) in milliseconds, and `problem` where there is one
 */
export const measure = (measures, { rounds, runs }) => {
  const rows = measures.map((each) => ({ name: each.name, times: [], processor: [], each }))
  const attempt = (row, act) => {
    if (row.problem !== undefined) return
    try {
      act()
    } catch (error) {
      row.problem = error.message
    }
  }
  const sample = ({ each, times, processor }, keep = true) => {
    const argv = each.before?.() ?? each.argv
    settle()
    const taken = timed(argv)
    each.after?.()
    if (!keep) return
    times.push(taken.elapsed)
    processor.push(taken.processor)
  }
  const begun = []
  try {
    for (const row of rows) {
      if (row.each.once) begun.push(row)
      attempt(row, () => row.each.once?.())
    }
    // Once without counting: caches, bridges, rules.
    for (const row of rows) attempt(row, () => sample(row, false))
    for (let round = 0; round < rounds; round++)
      for (const row of rows) for (let n = 0; n < runs; n++) attempt(row, () => sample(row))
  } finally {
    for (const row of begun) attempt(row, () => row.each.finally?.())
  }
  return rows
}
