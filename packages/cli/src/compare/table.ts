import type { Comparison } from './comparison.ts'
import { onlyHere, rowsOf } from './rows.ts'

/** For a terminal: one block for each group, then what only one of them does, and why some could not. Ends without a newline. */
export const toTable = (comparison: Comparison): string => {
  const { columns } = comparison
  const rows = rowsOf(comparison)
  const lines = rows.flatMap(({ group, label, cells }, index) => [
    ...(group === rows[index - 1]?.group
      ? []
      : [[group.toUpperCase(), ...(index === 0 ? columns.map(({ name }) => name) : [])]]),
    [`  ${label}`, ...cells],
  ])
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  const table = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd((widths[column] ?? 0) + 3))
      .join('')
      .trimEnd(),
  )
  const failed = columns.flatMap(({ name, failure }) =>
    failure
      ? [
          '',
          `${name} does not run here: ${failure.message}${failure.code ? ` [${failure.code}]` : ''}`,
          ...(failure.remedy ? [`  ${failure.remedy}`] : []),
        ]
      : [],
  )
  const differing = columns.flatMap(({ name, results }) =>
    results && results.output.difference.length > 0
      ? ['', `What it wrote under ${name}:`, ...results.output.difference.slice(0, 20).map((line) => `  ${line}`)]
      : [],
  )
  const steps = columns.flatMap((column) => {
    const only = columns.length > 1 ? onlyHere(comparison, column) : []
    if (only.length === 0) return []
    return [
      '',
      `Only ${column.name} (${only.length}):`,
      ...only.map(
        ({ operation, why, once }) => `  ${operation.padEnd(16)} ${why}${once ? ' (once, for all containers)' : ''}`,
      ),
    ]
  })
  return [...table, ...failed, ...differing, ...steps].join('\n')
}
