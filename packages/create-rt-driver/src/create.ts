import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const KINDS = ['net', 'storage', 'isolation'] as const
export type Kind = (typeof KINDS)[number]

/** As rt has it: it becomes a part of a path and a word behind a flag. */
export const NAME = /^[a-z][a-z0-9-]{0,31}$/

export interface Answers {
  readonly kind: Kind
  readonly name: string
}

export const isKind = (word: string): word is Kind => KINDS.some((kind) => kind === word)

const FLAG: Readonly<Record<Kind, string>> = { net: 'network', storage: 'storage', isolation: 'isolation' }
const TEMPLATES = join(import.meta.dirname, '../templates')

/**
 * Writes the package into a directory that is empty or not there yet, and answers its path.
 *
 * @throws Error where the directory has something in it
 */
export const create = (directory: string, { kind, name }: Answers): string => {
  if (existsSync(directory) && readdirSync(directory).length > 0) throw new Error(`${directory} is not empty`)
  const words: Readonly<Record<string, string>> = {
    kind,
    name,
    flag: FLAG[kind],
    class: `${pascal(name)}${pascal(FLAG[kind])}Driver`,
    kit: `test${pascal(FLAG[kind])}Driver`,
    version: ownVersion(),
  }
  for (const template of ['common', kind]) {
    const from = join(TEMPLATES, template)
    for (const path of files(from)) {
      // npm leaves a .gitignore out of a package, or makes something else of it.
      const target = join(directory, path.replace(/(^|\/)_gitignore$/, '$1.gitignore'))
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, fill(readFileSync(join(from, path), 'utf8'), words))
    }
  }
  return directory
}

const fill = (text: string, words: Readonly<Record<string, string>>): string =>
  text.replace(/\{\{(\w+)\}\}/g, (_, word: string) => {
    const value = words[word]
    if (value === undefined) throw new Error(`a template has the word ${word}, which nobody knows`)
    return value
  })

const pascal = (name: string): string =>
  name
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')

const files = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))

/** The packages of the contract have the version of this one. */
const ownVersion = (): string =>
  (JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string }).version
