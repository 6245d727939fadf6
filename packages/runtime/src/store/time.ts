const DAY = 86_400_000

const digits = (value: number, count: number): string => String(value).padStart(count, '0')

/**
 * `milliseconds` since the epoch as ISO 8601 in UTC. Date's own toISOString makes V8 find out the machine's time zone, a third of a
 * millisecond and ten files, for a time in which no zone matters.
 */
export const isoTime = (milliseconds: number): string => {
  const days = Math.floor(milliseconds / DAY)
  const rest = Math.floor(milliseconds - days * DAY)
  // The calendar as years that begin in March: the leap day is then the last of its year. 146,097 days are 400 years.
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const day = shifted - era * 146_097
  const year = Math.floor((day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365)
  const dayOfYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100))
  const march = Math.floor((5 * dayOfYear + 2) / 153)
  const month = march < 10 ? march + 3 : march - 9
  const date = `${digits(year + era * 400 + (month <= 2 ? 1 : 0), 4)}-${digits(month, 2)}-${digits(dayOfYear - Math.floor((153 * march + 2) / 5) + 1, 2)}`
  const seconds = Math.floor(rest / 1000)
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => digits(part, 2))
  return `${date}T${time.join(':')}.${digits(rest % 1000, 3)}Z`
}
