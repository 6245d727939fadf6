import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { API_VERSION, type DriverClass, type DriverContext, isRtError, REQUIRED_METHODS, RtError } from '@rt/driver-api'
import { type InstalledDriver, readPackage } from '../installed.ts'
import { entryOf } from './entry.ts'
import { type Foreign, guard } from './guard.ts'
import { limited } from './limit.ts'
import { assertTrusted } from './trust.ts'

/**
 * The class of a third party's driver, whose instances are guarded.
 *
 * @throws RtError RT_DRIVER_MANIFEST, RT_DRIVER_API, RT_DRIVER_UNTRUSTED, RT_DRIVER_BROKEN, RT_DRIVER_TIMEOUT, each with the driver's name
 */
export const loadForeign = async (installed: InstalledDriver): Promise<ForeignClass> => {
  const { folder, kind } = installed
  const label = `${KINDS[kind]} driver "${installed.name}"`
  const found = readPackage(folder)
  if (typeof found === 'string') throw new RtError('RT_DRIVER_MANIFEST', `The ${label} in ${folder} ${found}.`)
  const { manifest, version } = found
  if (manifest.kind !== kind || manifest.name !== installed.name)
    throw new RtError(
      'RT_DRIVER_MANIFEST',
      `The ${label} in ${folder} calls itself the ${KINDS[manifest.kind]} driver "${manifest.name}".`,
    )
  const who: Foreign = { kind, label: `${label} (${found.package}${version === '' ? '' : ` ${version}`})` }
  if (manifest.apiVersion !== API_VERSION)
    throw new RtError(
      'RT_DRIVER_API',
      `The ${who.label} was written for version ${manifest.apiVersion} of the driver contract, and this rt has version ${API_VERSION}.`,
    )
  const entry = entryOf(folder, found.json)
  if (entry === undefined || !existsSync(entry))
    throw broken(who, `its package.json names the file ${entry ?? '(none)'}, which is not there`)
  assertTrusted(who.label, [`${folder}/package.json`, entry])
  const Driver = await classOf(who, entry)
  return new Proxy(Driver, { construct: (_, [context]) => construct(who, Driver, context as DriverContext) })
}

export const KINDS = { net: 'network', storage: 'storage', isolation: 'isolation' } as const

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

const broken = (who: Foreign, why: string, cause?: unknown): RtError =>
  new RtError('RT_DRIVER_BROKEN', `The ${who.label} cannot be used: ${why}.`, { cause })

const field = (value: unknown, name: string): unknown =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? (value as Record<string, unknown>)[name]
    : undefined

export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.replace(/\.$/, '') || 'no reason is given'
