import { didYouMean, RtError } from '@rt/driver-api'
import { print, printTable } from './output.ts'

/** Something to be shown by its fields. They are computed when they are asked for: some cost. */
export type Row = Readonly<Record<string, () => string>>

/** One field of a row: what `--format` calls it and what stands above its column. */
export interface Column {
  readonly field: string
  readonly header: string
}

/**
 * `--format`: `json` (an object a line), `table FIELD,FIELD`, or a text with `{Field}` in it; `{{.Field}}` is taken too, so that the usual
 * one-field templates of Docker's scripts work. `{json}` is the whole row.
 *
 * @throws RtError RT_USAGE
 */
export const printFormatted = (format: string, columns: readonly Column[], rows: readonly Row[]): void => {
  const plain = format.replace(/\{\{\s*json\s+\.\s*\}\}/g, '{json}').replace(/\{\{\s*\.(\w+)\s*\}\}/g, '{$1}')
  if (plain.includes('{{'))
    throw new RtError('RT_USAGE', `--format: "${format}" is a Go template, which rt does not run.`, {
      remedy: `Use json, "table FIELD,FIELD", or a text with {Field} in it. Fields: ${names(columns)}.`,
    })
  if (/^table\s/.test(plain)) {
    printColumns(plain.slice(6), columns, rows)
    return
  }
  const text = compile(plain === 'json' ? '{json}' : unescaped(plain), columns)
  if (rows.length > 0) print(rows.map(text).join('\n'))
}

const printColumns = (list: string, columns: readonly Column[], rows: readonly Row[]): void => {
  // Docker separates the columns by tabs and writes each as a template.
  const parts = unescaped(list)
    .trim()
    .split(list.includes('{') ? '\t' : /\s*,\s*/)
  const cells = parts.map((part) => compile(part.includes('{') ? part : `{${part}}`, columns))
  const headers = Object.fromEntries(columns.map(({ field, header }) => [field, () => header]))
  const line = (row: Row): string[] => cells.map((cell) => cell(row))
  printTable(line(headers), rows.map(line))
}

/** Once for all rows: a listing may have hundreds. */
const compile = (template: string, columns: readonly Column[]): ((row: Row) => string) => {
  // Texts and, at the odd places, names of fields.
  const parts = template.split(/\{(\w+)\}/)
  const read = parts.map((part, index) => (index % 2 === 1 ? reader(part, columns) : () => part))
  const [, only] = read
  if (only && parts.length === 3 && parts[0] === '' && parts[2] === '') return only
  return (row) => read.map((of) => of(row)).join('')
}

const reader = (name: string, columns: readonly Column[]): ((row: Row) => string) => {
  if (name === 'json') return (row) => jsonOf(row, columns)
  const field = known(name, columns)
  return (row) => row[field]?.() ?? ''
}

/** The field's own spelling of a name in any case. */
const known = (name: string, columns: readonly Column[]): string => {
  const found = columns.find(({ field }) => field.toLowerCase() === name.toLowerCase())
  if (found) return found.field
  const fields = columns.map(({ field }) => field)
  throw new RtError('RT_USAGE', `--format: there is no field "${name}".${didYouMean(name, fields)}`, {
    remedy: `Fields: ${names(columns)}.`,
  })
}

const names = (columns: readonly Column[]): string => columns.map(({ field }) => field).join(', ')

const jsonOf = (row: Row, columns: readonly Column[]): string =>
  JSON.stringify(Object.fromEntries(columns.map(({ field }) => [field, row[field]?.() ?? ''])))

/** A shell leaves `\t` and `\n` as they are. */
const unescaped = (text: string): string => text.replaceAll('\\t', '\t').replaceAll('\\n', '\n')
