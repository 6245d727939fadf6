import type { Figure } from './comparison.ts'

/** @throws RangeError of no values */
export const figureOf = (values: readonly number[]): Figure => {
  const sorted = [...values].sort((a, b) => a - b)
  const [least, most] = [sorted[0], sorted.at(-1)]
  if (least === undefined || most === undefined) throw new RangeError('a figure of nothing')
  const middle = (sorted.length - 1) / 2
  const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
  return { median, least, most }
}
