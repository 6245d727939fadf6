import { existsSync } from 'node:fs'
import { API_VERSION, isRtError, RtError } from '@rt/driver-api'
import { type InstalledDriver, readPackage } from '../installed.ts'
import { entryOf } from './entry.ts'
import type { Foreign } from './guard.ts'
import { assertTrusted } from './trust.ts'

export const KINDS = { net: 'network', storage: 'storage', isolation: 'isolation' } as const

/**
 * What can be said of a third party's driver by looking at its package, before anything of it is executed: who it is, and its entry.
 *
 * @throws RtError RT_DRIVER_MANIFEST, RT_DRIVER_API, RT_DRIVER_UNTRUSTED, RT_DRIVER_BROKEN, each with the driver's name
 */
export const checkForeign = (installed: InstalledDriver): { readonly who: Foreign; readonly entry: string } => {
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
  return { who, entry }
}

/** What `checkForeign` says of it; undefined: nothing, it would be loaded. */
export const problemOf = (installed: InstalledDriver): RtError | undefined => {
  try {
    checkForeign(installed)
    return undefined
  } catch (error) {
    if (isRtError(error)) return error
    throw error
  }
}

export const broken = (who: Foreign, why: string, cause?: unknown): RtError =>
  new RtError('RT_DRIVER_BROKEN', `The ${who.label} cannot be used: ${why}.`, { cause })
