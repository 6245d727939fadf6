import { type DriverKind, ISOLATION_CAPABILITIES, NETWORK_CAPABILITIES, STORAGE_CAPABILITIES } from '@rt/driver-api'
import type { AnyDriverClass, Check } from './check.ts'
import { isolationChecks } from './isolation/checks.ts'
import { networkChecks } from './network/checks.ts'
import { storageChecks } from './storage/checks.ts'

// biome-ignore lint/suspicious/noExplicitAny: of any kind
export type AnyCheck = Check<any, any>

const CHECKS: Readonly<Record<DriverKind, readonly AnyCheck[]>> = {
  net: networkChecks,
  storage: storageChecks,
  isolation: isolationChecks,
}
const CAPABILITIES = {
  net: NETWORK_CAPABILITIES,
  storage: STORAGE_CAPABILITIES,
  isolation: ISOLATION_CAPABILITIES,
} as const

/** The checks that concern this driver: what it declares that it cannot do, and what it has no method for, is left out. */
export const selectChecks = (
  kind: DriverKind,
  Driver: AnyDriverClass,
  options: Readonly<Record<string, unknown>>,
): readonly AnyCheck[] => {
  const capabilities = { ...CAPABILITIES[kind], ...Driver.capabilities }
  const driver = made(Driver, options)
  return CHECKS[kind].filter(
    ({ method, applies }) =>
      (method === undefined || has(driver, method)) && (applies === undefined || applies({ driver, capabilities })),
  )
}

/** The optional methods that this driver does not have, of those that are tried where they are there. */
export const notOffered = (
  kind: DriverKind,
  Driver: AnyDriverClass,
  options: Readonly<Record<string, unknown>>,
): readonly string[] => {
  const driver = made(Driver, options)
  const methods = new Set(CHECKS[kind].flatMap(({ method }) => method ?? []))
  return [...methods].filter((method) => !has(driver, method))
}

const made = (Driver: AnyDriverClass, options: Readonly<Record<string, unknown>>): object =>
  new Driver({ root: '/nonexistent/root', runRoot: '/nonexistent/run', options })

const has = (driver: object, method: string): boolean =>
  method in driver && driver[method as keyof object] !== undefined
