import { printf } from './printf.ts'
import { isTrue, shown } from './values.ts'

/** A problem in words; whoever runs the template says which one it is. */
export class Misuse extends Error {}

type Call = (...values: readonly unknown[]) => unknown

const text = (value: unknown): string => (typeof value === 'string' ? value : shown(value))

const list = (value: unknown, name: string): readonly unknown[] => {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value
  throw new Misuse(`${name} needs a list`)
}

const index: Call = (of, ...keys) => {
  let at = of
  for (const key of keys) at = indexed(at, key)
  return at
}

const indexed = (of: unknown, key: unknown): unknown => {
  if (Array.isArray(of)) {
    if (typeof key === 'number' && key >= 0 && key < of.length) return of[key]
    throw new Misuse(`index ${shown(key)} is not in a list of ${of.length}`)
  }
  // What a map does not have is its empty value, as in Go: scripts ask for labels that are not there.
  if (typeof of === 'object' && of !== null) return Object.hasOwn(of, text(key)) ? Reflect.get(of, text(key)) : ''
  throw new Misuse(`index needs a list or a map, not ${shown(of)}`)
}

const slice: Call = (of, from = 0, to) => {
  if (typeof of !== 'string' && !Array.isArray(of)) throw new Misuse('slice needs a text or a list')
  const [start, end] = [Number(from), to === undefined ? of.length : Number(to)]
  if (start < 0 || end > of.length || start > end) throw new Misuse(`slice ${start} to ${end} is beyond its end`)
  return of.slice(start, end)
}

const len: Call = (value) => {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (Array.isArray(value)) return value.length
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0
}

const below = (a: unknown, b: unknown): boolean => {
  if (typeof a === 'number' && typeof b === 'number') return a < b
  if (typeof a === 'string' && typeof b === 'string') return a < b
  throw new Misuse(`${shown(a)} and ${shown(b)} cannot be compared`)
}

const HTML: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&#34;', "'": '&#39;' }

/** Those of Go's templates and Docker's own. `and` and `or` are not here: they do not look at all that they are given. */
export const FUNCTIONS: Readonly<Record<string, Call>> = {
  not: (value) => !isTrue(value),
  len,
  index,
  slice,
  eq: (value, ...others) => others.some((other) => other === value),
  ne: (a, b) => a !== b,
  lt: below,
  le: (a, b) => !below(b, a),
  gt: (a, b) => below(b, a),
  ge: (a, b) => !below(a, b),
  print: (...values) => values.map(text).join(''),
  println: (...values) => `${values.map(text).join(' ')}\n`,
  printf: (format, ...values) => printf(text(format), values),
  html: (...values) =>
    values
      .map(text)
      .join('')
      .replace(/[<>&"']/g, (sign) => HTML[sign] ?? sign),
  urlquery: (...values) => encodeURIComponent(values.map(text).join('')).replaceAll('%20', '+'),
  json: (value) => JSON.stringify(value ?? null),
  split: (value, separator) => text(value).split(text(separator)),
  join: (value, separator) =>
    list(value, 'join')
      .map(text)
      .join(text(separator ?? '')),
  lower: (value) => text(value).toLowerCase(),
  upper: (value) => text(value).toUpperCase(),
  title: (value) =>
    text(value).replace(/(^|\s)(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase()),
  pad: (value, before, after) =>
    text(value) === '' ? '' : ' '.repeat(Number(before)) + text(value) + ' '.repeat(Number(after)),
  truncate: (value, length) => text(value).slice(0, Number(length)),
}
