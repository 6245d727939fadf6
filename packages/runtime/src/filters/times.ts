import { RtError } from '@rt/driver-api'

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }

/**
 * A point in time as `--since` and `--until` take it, in nanoseconds since the epoch: RFC 3339, a date, a local date and time, seconds
 * since the epoch with an optional fraction, or how long ago (`10m`, `1h30m`).
 *
 * @param flag names it in the message
 * @throws RtError RT_USAGE
 */
export const parseTime = (text: string, flag: string, now = Date.now()): bigint => {
  const seconds = /^(\d+)(?:\.(\d{1,9}))?$/.exec(text)
  if (seconds) return BigInt(seconds[1] ?? 0) * 1_000_000_000n + fraction(seconds[2])
  const ago = parseDuration(text)
  if (ago !== undefined) return BigInt(now) * 1_000_000n - ago
  const time = parseTimestamp(text)
  if (time !== undefined) return time
  throw new RtError('RT_USAGE', `${flag}: "${text}" is not a time.`, {
    remedy: 'Use 2026-01-31T12:00:00Z, 2026-01-31, seconds since 1970, or how long ago: 10m, 1h30m.',
  })
}

/** Go's notation of a duration, `1h30m`; undefined where it is none. */
const parseDuration = (text: string): bigint | undefined => {
  if (!/^-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
  let sum = 0
  for (const [, number, unit = ''] of text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g))
    sum += Number(number) * (UNITS[unit] ?? 0)
  return BigInt(Math.round(text.startsWith('-') ? -sum : sum))
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9})\d*)?)?)?)?(Z|[+-]\d\d:\d\d)?$/i

/** RFC 3339 or the beginning of it, local where it names no zone; undefined where it is none. */
export const parseTimestamp = (text: string): bigint | undefined => {
  const match = TIMESTAMP.exec(text)
  if (!match) return undefined
  const [, date, hour = '00', minute = '00', second = '00', digits, zone = ''] = match
  const milliseconds = Date.parse(`${date}T${hour}:${minute}:${second}${zone.toUpperCase()}`)
  return Number.isNaN(milliseconds) ? undefined : BigInt(milliseconds) * 1_000_000n + fraction(digits)
}

const fraction = (digits = ''): bigint => BigInt(digits.padEnd(9, '0'))

/** RFC 3339 in UTC with all nine digits, so that columns of times are of one width. */
export const formatTime = (nanoseconds: bigint): string => {
  const seconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  return `${seconds}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`
}
