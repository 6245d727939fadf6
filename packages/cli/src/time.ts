const UNITS: readonly [name: string, seconds: number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]

/** `3 minutes`: one unit, rounded down, as Docker's tables say it. `since` is an ISO time. */
export const ago = (since: string, now = Date.now()): string => {
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000))
  for (const [name, length] of UNITS) {
    const count = Math.floor(seconds / length)
    if (count > 0) return `${count} ${name}${count === 1 ? '' : 's'}`
  }
  return 'Less than a second'
}
