/** What `if` holds for true: Go's empty values are those of JSON, and what is not there. */
export const isTrue = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

/** As Go prints a value: `[a b]`, `map[k:v]`. */
export const shown = (value: unknown): string => {
  if (value === null || value === undefined) return '<no value>'
  if (Array.isArray(value)) return `[${value.map(inner).join(' ')}]`
  if (typeof value === 'object')
    return `map[${Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => `${key}:${inner(one)}`)
      .join(' ')}]`
  return String(value)
}

const inner = (value: unknown): string => (value === null || value === undefined ? '<nil>' : shown(value))
