import { shown } from './values.ts'

const VERB = /%([-+0# ]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g

/** Go's, as far as texts, numbers and lists need it. */
export const printf = (format: string, values: readonly unknown[]): string => {
  let at = 0
  return format.replace(
    VERB,
    (_, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%'
      if (at >= values.length) return `%!${verb}(MISSING)`
      const text = converted(verb, values[at++], precision === undefined ? undefined : Number(precision))
      if (flags.includes('-')) return text.padEnd(Number(width ?? 0))
      return text.padStart(Number(width ?? 0), flags.includes('0') ? '0' : ' ')
    },
  )
}

const converted = (verb: string, value: unknown, precision: number | undefined): string => {
  if (verb === 'q') return JSON.stringify(shown(value))
  if (verb === 'T') return Array.isArray(value) ? '[]' : typeof value
  if (typeof value === 'number') {
    if (verb === 'f') return value.toFixed(precision ?? 6)
    if (verb === 'x') return value.toString(16)
    if (verb === 'o') return value.toString(8)
    if (verb === 'd' || verb === 'v') return String(value)
    return `%!${verb}(int=${value})`
  }
  if (verb === 'd' || verb === 'f') return `%!${verb}(${typeof value}=${shown(value)})`
  const text = shown(value)
  if (verb === 'x') return Buffer.from(text).toString('hex')
  return precision === undefined ? text : text.slice(0, precision)
}
