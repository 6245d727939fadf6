/** Longer texts are compared as a whole. */
const MOST_LINES = 400

/** What turns `from` into `to`: lines with `-` and `+` before them; empty where they are equal. */
export const differenceOf = (from: string, to: string): string[] => {
  if (from === to) return []
  const [a, b] = [linesOf(from), linesOf(to)]
  if (a.length > MOST_LINES || b.length > MOST_LINES) return [`- ${a.length} lines`, `+ ${b.length} lines`]
  const common = longestCommon(a, b)
  const result: string[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++
      j++
    } else if (j >= b.length || (i < a.length && (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0)))
      result.push(`- ${a[i++]}`)
    else result.push(`+ ${b[j++]}`)
  }
  return result
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

/** `[i][j]`: how many lines the rests from i and j on have in common, in order. */
const longestCommon = (a: readonly string[], b: readonly string[]): number[][] => {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const row = table[i] as number[]
      row[j] = a[i] === b[j] ? (table[i + 1]?.[j + 1] ?? 0) + 1 : Math.max(table[i + 1]?.[j] ?? 0, row[j + 1] ?? 0)
    }
  return table
}
