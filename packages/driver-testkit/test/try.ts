import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DriverKind } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import { commonChecks } from '../src/bench/common.ts'
import { type Outcome, runTrial } from '../src/checks.ts'

/** A driver that is wrong, and the check that finds it. */
export interface Case {
  /** The class's name in `wrong/KIND.ts`. */
  readonly driver: string
  readonly check: string
  readonly says: RegExp
}

/**
 * Tests that each case is found by its check, and that no check is without a case.
 *
 * @param file of the wrong drivers, in `wrong`, where it is not the kind's
 * @param first a check that is made before the one of the case: it starts the first containers, which may leave what all of them share
 */
export const testCases = (
  kind: DriverKind,
  {
    cases,
    checks,
    first,
    file: name = kind === 'net' ? 'network' : kind,
  }: {
    readonly cases: readonly Case[]
    readonly checks: readonly { readonly name: string }[]
    readonly first: string
    readonly file?: string
  },
): void => {
  const file = new URL(`./wrong/${name}.ts`, import.meta.url)

  const trials = new Map<string, Promise<readonly Outcome[]>>()
  /** One trial of a driver, for all of its cases. */
  const outcomesOf = (driver: string): Promise<readonly Outcome[]> => {
    const own = cases.filter((each) => each.driver === driver).map(({ check }) => check)
    const trial = trials.get(driver) ?? tryDriver(kind, file, driver, [first, ...own])
    trials.set(driver, trial)
    return trial
  }

  describe.skipIf(cannotRun)(`what is wrong with a driver (${kind}) is found:`, () => {
    it.concurrent.each(cases)('$driver, where the driver $check', async ({ driver, check, says }) => {
      expect(await outcomesOf(driver)).toContainEqual({ name: check, problem: expect.stringMatching(says) })
    })
  })

  it(`no check (${kind}) is without a driver that it finds`, () => {
    // What all kinds have in common is tried with network drivers.
    const found = new Set([...cases, ...(kind === 'net' ? [] : COMMON)].map(({ check }) => check))
    expect(checks.map(({ name }) => name).filter((name) => !found.has(name))).toEqual([])
  })
}

const COMMON = commonChecks().map(({ name }) => ({ check: name }))

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
