import { describe, expect, it, vi } from 'vitest'
import { printFormatted } from './format.ts'

const written: string[] = []
vi.mock('./output.ts', () => ({
  print: (line: string) => written.push(line),
  printTable: (header: readonly string[], rows: readonly (readonly string[])[]) =>
    written.push([header, ...rows].map((line) => line.join('|')).join('\n')),
}))

const columns = [
  { field: 'ID', header: 'CONTAINER ID' },
  { field: 'Names', header: 'NAMES' },
]
const rows = ['a', 'b'].map((name, index) => ({
  ID: () => String(index),
  Names: () => name,
  Label: (key = '') => `${name}-${key}`,
}))

const formatted = async (format: string | undefined): Promise<string> => {
  written.length = 0
  await printFormatted(format, 'table ID', columns, rows)
  return written.join('\n')
}

describe('--format', () => {
  it.each([
    ['{Names}', 'a\nb'],
    ['{names}', 'a\nb'],
    ['{{.Names}}', 'a\nb'],
    ['{{ .ID }}: {{.Names}}!', '0: a!\n1: b!'],
    ['{ID}\\t{Names}', '0\ta\n1\tb'],
    ['json', '{"ID":"0","Names":"a"}\n{"ID":"1","Names":"b"}'],
    ['{{json .}}', '{"ID":"0","Names":"a"}\n{"ID":"1","Names":"b"}'],
    ['table Names, ID', 'NAMES|CONTAINER ID\na|0\nb|1'],
    ['table {{.Names}}\\t{{.ID}}', 'NAMES|CONTAINER ID\na|0\nb|1'],
    ['plain', 'plain\nplain'],
    ['table', 'CONTAINER ID\n0\n1'],
    ['', 'CONTAINER ID\n0\n1'],
    [undefined, 'CONTAINER ID\n0\n1'],
    ['{{json .Names}} {{.Label "k"}} {{if eq .ID "1"}}last{{end}}', '"a" a-k \n"b" b-k last'],
    ['table {{upper .Names}}\t{{.Label "k"}}', 'NAMES|k\nA|a-k\nB|b-k'],
  ])('%s', async (format, expected) => {
    expect(await formatted(format)).toBe(expected)
  })

  it('names what it does not know', async () => {
    await expect(formatted('{Nmaes}')).rejects.toThrow('there is no field "Nmaes". Did you mean "Names"?')
    await expect(formatted('{{json .Nmaes}}')).rejects.toThrow('there is no field "Nmaes". Did you mean "Names"?')
    await expect(formatted('{{range .Names}}{{end}}')).rejects.toThrow('range cannot go over a')
  })
})
