import { didYouMean, RtError } from '@rt/driver-api'
import { print, printTable } from './output.ts'

/** Something to be shown by its fields. They are computed when they are asked for: some cost. Some, as ps's `Label`, take a word and are no column. */
export type Row = Readonly<Record<string, (word?: string) => string>>

/** One field of a row: what `--format` calls it and what stands above its column. */
export interface Column {
  readonly field: string
  readonly header: string
}

/**
 * `--format`: a template of Go as Docker takes it (`{{.Names}}`), `json` (an object a line), `table FIELD,FIELD`, or a text with `{Field}` in it;
 * `{json}` is the whole row. A table may be of a template, too, with tabs between its columns. `table` and nothing: the usual one.
 *
 * @throws RtError RT_USAGE
 */
export const printFormatted = async (
  format: string | undefined,
  usual: string,
  columns: readonly Column[],
  rows: readonly Row[],
): Promise<void> => {
  const chosen = format === undefined || /^(table)?\s*$/.test(format) ? usual : format
  if (/^table\s/.test(chosen)) return printColumns(chosen.slice(6), columns, rows)
  const text = await compile(chosen === 'json' ? '{json}' : unescaped(chosen), columns)
  if (rows.length > 0) print(rows.map(text).join('\n'))
}

const printColumns = async (list: string, columns: readonly Column[], rows: readonly Row[]): Promise<void> => {
  // Docker separates the columns by tabs and writes each as a template.
  const parts = unescaped(list)
    .trim()
    .split(list.includes('{') ? '\t' : /\s*,\s*/)
  const cells = await Promise.all(parts.map((part) => compile(part.includes('{') ? part : `{${part}}`, columns)))
  const headers: Row = {
    ...Object.fromEntries(columns.map(({ field, header }) => [field, () => header])),
    Label: (name = '') => name,
  }
  const line = (row: Row): string[] => cells.map((cell) => cell(row))
  printTable(line(headers), rows.map(line))
}

/** Once for all rows: a listing may have hundreds. */
const compile = async (text: string, columns: readonly Column[]): Promise<(row: Row) => string> => {
  // What a script of Docker's has most often needs no machinery.
  const template = text.replace(/\{\{\s*json\s+\.\s*\}\}/g, '{json}').replace(/\{\{\s*\.(\w+)\s*\}\}/g, '{$1}')
  if (template.includes('{{')) {
    const filled = (await import('./template/run.ts')).compileTemplate(text)
    return (row) => filled(members(row, columns))
  }
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

/** A row as a template sees it: its fields computed when they are asked for, and what takes a word as a function. */
const members = (row: Row, columns: readonly Column[]): object => {
  const seen = {}
  for (const [name, value] of Object.entries(row)) {
    const isColumn = columns.some(({ field }) => field === name)
    Object.defineProperty(seen, name, isColumn ? { enumerable: true, get: () => value() } : { value })
  }
  return seen
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
