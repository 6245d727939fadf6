/** What was seen, by kind of thing: one line for each thing. */
export type Listing = Readonly<Record<string, readonly string[]>>

/** What `after` has that `before` had not and the other way round, as lines for people; empty when they are the same. */
export function differences(before: Listing, after: Listing): string[] {
  const found: string[] = []
  for (const kind of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const gone = without(before[kind] ?? [], after[kind] ?? [])
    const come = without(after[kind] ?? [], before[kind] ?? [])
    for (const line of gone) found.push(`${kind}: - ${line}`)
    for (const line of come) found.push(`${kind}: + ${line}`)
  }
  return found
}

/** As many of each line as `lines` has more than `others`. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const count = new Map<string, number>()
  for (const line of others) count.set(line, (count.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const left = count.get(line) ?? 0
    count.set(line, left - 1)
    return left <= 0
  })
}
