import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DriverKind } from '@rt/driver-api'
import { type Outcome, runTrial } from '../src/checks.ts'

/** A driver that is wrong, and the check that finds it. */
export interface Case {
  /** The class's name in `wrong/KIND.ts`. */
  readonly driver: string
  readonly check: string
  readonly says: RegExp
}

/** @param name the exported class; the trial loads a module of its own that has it as its default export */
export const tryDriver = async (
  kind: DriverKind,
  file: URL,
  name: string,
  only?: readonly string[],
): Promise<readonly Outcome[]> => {
  const directory = mkdtempSync(join(tmpdir(), 'rt-testkit-'))
  try {
    const module = join(directory, 'driver.mjs')
    writeFileSync(module, `export { ${name} as default } from ${JSON.stringify(file.href)}\n`)
    return await runTrial({ kind, module, options: {}, ...(only && { only }) })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

export const cannotRun = process.platform !== 'linux' || process.geteuid?.() !== 0
