import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { SEARCH_PATH } from './requirements.ts'

const PACKAGE = join(import.meta.dirname, '..')
const found = new Map<string, string>()

/** The path of a program of `scripts`, compiled where nobody has done it yet. */
export function compiled(name: 'enter' | 'pty'): string {
  const path = found.get(name) ?? compile(name)
  found.set(name, path)
  return path
}

function compile(name: string): string {
  const source = join(PACKAGE, 'scripts', `${name}.c`)
  const version = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12)
  const target = join(PACKAGE, 'dist', `${name}-${version}`)
  if (!existsSync(target)) {
    mkdirSync(join(PACKAGE, 'dist'), { recursive: true })
    // Another test run may be about to do the same.
    const own = `${target}.${process.pid}`
    execFileSync('cc', ['-Wall', '-Werror', '-O1', '-o', own, source], { env: { PATH: SEARCH_PATH } })
    renameSync(own, target)
  }
  return target
}
