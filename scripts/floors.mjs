/**
 * Imports go down only, inside a package, too: in every folder what lies in it, files and folders, stands above all that it imports. The
 * linter refuses circles of files; two folders can import each other without one. Usage: node scripts/floors.mjs
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const root = join(import.meta.dirname, '..')
const IMPORT = /(?:from|import|import\() ?'(\.{1,2}\/[^'\n]+\.ts)'/g

const filesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))

/** What lies in `folder`, by its name: which of the others it imports, and an import that does. */
const arrowsIn = (folder, imports) => {
  const arrows = new Map()
  for (const [from, to] of imports) {
    const [a, b] = [from, to].map((path) => relative(folder, path).split('/')[0])
    if (a === '..' || b === '..' || a === b) continue
    if (!arrows.has(a)) arrows.set(a, new Map())
    arrows.get(a).set(b, `${relative(root, from)} -> ${relative(root, to)}`)
  }
  return arrows
}

/** The imports of one circle; undefined: there is none. */
const circleIn = (arrows) => {
  const done = new Set()
  const visit = (name, path) => {
    const at = path.findIndex(([each]) => each === name)
    if (at >= 0) return path.slice(at).map(([, example]) => example)
    if (done.has(name)) return undefined
    for (const [next, example] of arrows.get(name) ?? []) {
      const circle = visit(next, [...path, [name, example]])
      if (circle) return circle
    }
    done.add(name)
    return undefined
  }
  for (const name of arrows.keys()) {
    const circle = visit(name, [])
    if (circle) return circle
  }
  return undefined
}

const sources = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'src'))
for (const source of sources) {
  const files = filesBelow(source)
  const imports = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, path]) => [file, join(dirname(file), path)]),
  )
  for (const folder of new Set(files.map(dirname))) {
    const circle = circleIn(arrowsIn(folder, imports))
    if (!circle) continue
    console.error(`In ${relative(root, folder)} imports go down and up again:\n  ${circle.join('\n  ')}`)
    process.exitCode = 1
  }
}
