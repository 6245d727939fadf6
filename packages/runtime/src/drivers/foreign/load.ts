import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { type DriverClass, type DriverContext, isRtError, REQUIRED_METHODS } from '@rt/driver-api'
import type { InstalledDriver } from '../installed.ts'
import { broken, checkForeign } from './check.ts'
import { type Foreign, guard } from './guard.ts'
import { limited } from './limit.ts'

/**
 * The class of a third party's driver, whose instances are guarded.
 *
 * @throws RtError as `checkForeign`, and RT_DRIVER_BROKEN, RT_DRIVER_TIMEOUT, each with the driver's name
 */
export const loadForeign = async (installed: InstalledDriver): Promise<ForeignClass> => {
  const { who, entry } = checkForeign(installed)
  const Driver = await classOf(who, entry)
  return new Proxy(Driver, { construct: (_, [context]) => construct(who, Driver, context as DriverContext) })
}

type ForeignClass = DriverClass<object, object>

const classOf = async (who: Foreign, entry: string): Promise<ForeignClass> => {
  const exported = await load(who, entry)
  // A CommonJS module is its own default export; one that was compiled to CommonJS has the class a floor below.
  const candidates = [exported, field(exported, 'default'), field(field(exported, 'default'), 'default')]
  const Driver = candidates.find((value) => typeof value === 'function')
  if (Driver === undefined) throw broken(who, `${entry} has no class as its default export`)
  // An arrow function cannot be constructed.
  if (typeof field(Driver, 'prototype') !== 'object') throw broken(who, `${entry} exports a function that is no class`)
  return Driver as ForeignClass
}

const load = async (who: Foreign, entry: string): Promise<unknown> => {
  try {
    return await limited(who.label, 'be loaded', () => {
      try {
        return createRequire(import.meta.url)(entry) as unknown
      } catch (error) {
        if ((error as NodeJS.ErrnoException | undefined)?.code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error
        return importLater(entry)
      }
    })
  } catch (error) {
    if (isRtError(error) && error.code === 'RT_DRIVER_TIMEOUT') throw error
    throw broken(who, `${entry} fails when it is loaded: ${firstLine(error)}`, error)
  }
}

/** With await at its top level: only import() waits for it. */
const importLater = async (entry: string): Promise<unknown> =>
  (await import('./import.ts')).importModule(pathToFileURL(entry).href)

const construct = (who: Foreign, Driver: ForeignClass, context: DriverContext): object => {
  let driver: object
  try {
    driver = limited(who.label, 'be made', () => new Driver(context))
  } catch (error) {
    if (isRtError(error)) throw error
    throw broken(who, `its constructor fails: ${firstLine(error)}`, error)
  }
  const lacking = REQUIRED_METHODS[who.kind].find((method) => typeof field(driver, method) !== 'function')
  if (lacking !== undefined) throw broken(who, `it has no method ${lacking}`)
  return guard(who, driver)
}

const field = (value: unknown, name: string): unknown =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? (value as Record<string, unknown>)[name]
    : undefined

export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.replace(/\.$/, '') || 'no reason is given'
