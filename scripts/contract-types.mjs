/** Reads the declarations of the driver contract: its files are formatted alike, so that lines are enough to go by. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const source = join(import.meta.dirname, '../packages/driver-api/src')

const DECLARATION = /^export (interface|type|const|class) (\w+)/

/** The files that are the contract, by topic. */
export const FILES = {
  common: [
    'drivers/context.ts',
    'manifest.ts',
    'probe.ts',
    'identity.ts',
    'options/read.ts',
    'options/declare.ts',
    'options/readers.ts',
  ],
  network: ['drivers/network.ts'],
  storage: ['drivers/storage.ts'],
  isolation: ['drivers/isolation.ts', 'oci.ts'],
  steps: readdirSync(join(source, 'steps')).map((name) => `steps/${name}`),
}

/**
 * Every exported declaration of a file: its name, what is said of it, its text with and without comments, and the members of an interface.
 *
 * @returns {{ kind: string, name: string, doc: string, source: string, text: string, members: { name: string, text: string, doc: string, optional: boolean }[] }[]}
 */
export const declarations = (file) => {
  const lines = readFileSync(join(source, file), 'utf8').split('\n')
  const found = []
  let doc = []
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]
    if (line.startsWith('/**') || line.startsWith(' *')) {
      if (line.startsWith('/**')) doc = []
      doc.push(line)
      continue
    }
    const match = DECLARATION.exec(line)
    if (match) {
      const block = [line]
      // A declaration ends before the next line that begins at the margin with something else than its own end.
      while (at + 1 < lines.length && (/^[\s})\]]/.test(lines[at + 1]) || lines[at + 1] === '') && !isEnd(block))
        block.push(lines[++at])
      const [, kind, name] = match
      found.push({
        kind,
        name,
        doc: plain(doc),
        source: block.join('\n').trimEnd(),
        text: uncommented(block),
        members: kind === 'interface' ? members(block) : [],
      })
    }
    if (line !== '') doc = []
  }
  return found
}

const isEnd = (block) => block.length > 1 && /^[})\]]/.test(block.at(-1)) && !/^[})\]].*[&|(]$/.test(block.at(-1))

const members = (block) => {
  const found = []
  let doc = []
  let current
  for (const line of block.slice(1, -1)) {
    if (current === undefined && /^ {2}(\/\*\*|\*| \*)/.test(line)) {
      if (line.startsWith('  /**')) doc = []
      doc.push(line)
      continue
    }
    if (current === undefined) {
      const match = /^ {2}(?:readonly )?(\[?[\w.]+\]?|new)\s*(\??)/.exec(line)
      if (!match) continue
      current = { name: match[1], optional: match[2] === '?', doc: plain(doc), lines: [] }
      doc = []
    }
    current.lines.push(line)
    const depth = current.lines
      .join('')
      .replace(/=>/g, '')
      .split('')
      .reduce((n, c) => n + ('{([<'.includes(c) ? 1 : '})]>'.includes(c) ? -1 : 0), 0)
    if (depth === 0) {
      const { lines, ...rest } = current
      found.push({ ...rest, text: uncommented(lines) })
      current = undefined
    }
  }
  return found
}

const plain = (lines) =>
  lines
    .map((line) =>
      line
        .trim()
        .replace(/^\/\*\*\s?/, '')
        .replace(/\s*\*\/$/, '')
        .replace(/^\*\s?/, ''),
    )
    .join('\n')
    .trim()

const uncommented = (lines) =>
  lines
    .join('\n')
    .replace(/\/\*\*?[\s\S]*?\*\//g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('//'))
    .join(' ')
    .replace(/\s+/g, ' ')
