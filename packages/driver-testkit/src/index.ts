import { fileURLToPath } from 'node:url'
import type { DriverKind, IsolationDriverClass, NetworkDriverClass, StorageDriverClass } from '@rt/driver-api'
import { beforeAll, describe, expect, it } from 'vitest'
import { slow } from './bench/scratch.ts'
import type { AnyDriverClass, Outcome } from './check.ts'
import { runTrial } from './run.ts'
import { notOffered, selectChecks } from './select.ts'

export interface TestOptions {
  /** The module whose default export the class is: `new URL('../dist/index.js', import.meta.url)`. A process of its own loads it. */
  readonly module: URL
  /** Its section of the config; none by default. */
  readonly options?: Readonly<Record<string, unknown>>
  /** A shell script that prepares the throwaway host: `ip link add up0 type dummy`, or a file system on a loop device below /run. */
  readonly host?: string
  /** Tells several trials of one driver apart. */
  readonly title?: string
}

/** Tests that a network driver keeps the contract. Needs root and Linux: skipped without, with the reason. */
export const testNetworkDriver = (Driver: NetworkDriverClass, options: TestOptions): void =>
  test('net', Driver, options)

/** Tests that a storage driver keeps the contract. Needs root and Linux: skipped without, with the reason. */
export const testStorageDriver = (Driver: StorageDriverClass, options: TestOptions): void =>
  test('storage', Driver, options)

/** Tests that an isolation driver keeps the contract. Needs root and Linux: skipped without, with the reason. */
export const testIsolationDriver = (Driver: IsolationDriverClass, options: TestOptions): void =>
  test('isolation', Driver, options)

const KINDS = { net: 'network', storage: 'storage', isolation: 'isolation' } as const
const canRun = process.platform === 'linux' && process.geteuid?.() === 0

const test = (kind: DriverKind, Driver: AnyDriverClass, { module, options = {}, host, title }: TestOptions): void => {
  const missing = notOffered(kind, Driver, options)
  const without = missing.length === 0 ? '' : `, which offers no ${missing.join(', ')},`
  const name = `the contract of ${KINDS[kind]} drivers${title === undefined ? '' : `, ${title}`}${canRun ? '' : ' (needs root)'}: the driver${without}`
  describe.skipIf(!canRun)(name, () => {
    let outcomes: readonly Outcome[] = []
    beforeAll(async () => {
      const trial = { kind, module: fileURLToPath(module), options, ...(host !== undefined && { host }) }
      outcomes = await runTrial(trial)
    }, 150_000 * slow())
    for (const check of selectChecks(kind, Driver, options))
      it(check.name, () => {
        const outcome = outcomes.find((each) => each.name === check.name)
        expect(outcome, 'the trial did not come to this').toBeDefined()
        expect(outcome?.problem ?? '').toBe('')
      })
  })
}
