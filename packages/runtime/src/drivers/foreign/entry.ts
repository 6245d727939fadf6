import { join } from 'node:path'

/** Node's own conditions, those for modules first; types and sources are no entry. */
const CONDITIONS = ['node', 'import', 'module-sync', 'require', 'default']

/** The file that a package's name stands for, by its package.json (nodejs.org/api/packages.html); undefined: it exports nothing. */
export const entryOf = (folder: string, { exports, main }: Readonly<Record<string, unknown>>): string | undefined => {
  if (exports !== undefined && exports !== null) {
    const target = targetOf(exports)
    return target === undefined ? undefined : join(folder, target)
  }
  return join(folder, typeof main === 'string' ? main : 'index.js')
}

const targetOf = (exports: unknown): string | undefined => {
  if (typeof exports === 'string') return exports
  if (Array.isArray(exports)) return exports.map(targetOf).find((target) => target !== undefined)
  if (typeof exports !== 'object' || exports === null) return undefined
  const map = exports as Record<string, unknown>
  if (Object.keys(map).some((key) => key.startsWith('.'))) return targetOf(map['.'])
  for (const [condition, value] of Object.entries(map)) {
    const target = CONDITIONS.includes(condition) ? targetOf(value) : undefined
    if (target !== undefined) return target
  }
  return undefined
}
