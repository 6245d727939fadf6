const sorted = (times) => times.toSorted((a, b) => a - b)

export const median = (times) => {
  const all = sorted(times)
  return (all[(all.length - 1) >> 1] + all[all.length >> 1]) / 2
}

/** @returns what a quarter of them is at most, and what a quarter is at least */
export const quartiles = (times) => {
  const all = sorted(times)
  return [all[Math.floor((all.length - 1) / 4)], all[Math.ceil(((all.length - 1) * 3) / 4)]]
}

const fixed = (number, digits = 1) => number.toFixed(digits)

const timeCells = (times, floor) => {
  if (times.length === 0) return ['', '', '', '', '']
  const all = sorted(times)
  const m = median(times)
  const p90 = all[Math.ceil(all.length * 0.9) - 1]
  return [String(times.length), fixed(m), fixed(all[0]), fixed(p90), fixed(m / floor, 2)]
}

/** A table with one line for each row; ratios are to the first row of times, the empty script. */
export const print = (title, rows, header, markdown) => {
  if (typeof header === 'boolean') return print(title, rows, TIMES, header)
  const floor = rows[0]?.times ? median(rows[0].times) : Number.NaN
  const lines = rows.map(({ name, times, cells, problem }) => ({
    cells: [name, ...(cells ?? timeCells(times, floor))],
    problem,
  }))
  if (markdown) {
    console.log(`\n### ${title}\n\n| | ${header.join(' | ')} |\n|---|${'---:|'.repeat(header.length)}`)
    for (const { cells, problem } of lines)
      console.log(`| ${cells.join(' | ')} |${problem === undefined ? '' : `\n| ${cells[0]} failed: ${problem} |`}`)
    return
  }
  console.log(`\n${title}`)
  const widths = header.map(
    (name, i) => 3 + Math.max(...[name, ...lines.map(({ cells }) => cells[i + 1] ?? '')].map((cell) => cell.length)),
  )
  for (const { cells, problem } of [{ cells: ['', ...header] }, ...lines]) {
    console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(26) : cell.padStart(widths[i - 1]))).join(''))
    if (problem !== undefined) console.log(`  failed: ${problem}`)
  }
}

const TIMES = ['n', 'median ms', 'min ms', '90 % ms', '× empty Node']
