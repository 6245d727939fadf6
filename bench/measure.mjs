import { time } from './command.mjs'

/**
 * Times rows in interleaved rounds. A row that fails once is not tried again and says why; what others measured stays.
 * @returns rows with `times` in milliseconds, and `problem` where there is one
 */
export const measure = (measures, { rounds, runs }) => {
  const rows = measures.map((each) => ({ name: each.name, times: [], each }))
  const attempt = (row, act) => {
    if (row.problem !== undefined) return
    try {
      act()
    } catch (error) {
      row.problem = error.message
    }
  }
  const sample = ({ each, times }, keep = true) => {
    const argv = each.before?.() ?? each.argv
    const elapsed = time(argv)
    each.after?.()
    if (keep) times.push(elapsed)
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
