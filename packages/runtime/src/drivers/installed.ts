import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  DRIVER_KINDS,
  type DriverKind,
  type DriverManifest,
  isDriverName,
  packageName,
  readManifest,
} from '@rt/driver-api'

/** A driver's package as it lies on the disk; nothing of it has been loaded. */
export interface InstalledDriver {
  readonly kind: DriverKind
  readonly name: string
  /** The package's own directory, the one with its package.json. */
  readonly folder: string
  /** Who put it there: the user's config, `rt drivers add`, or npm beside rt. */
  readonly origin: 'config' | 'added' | 'beside'
}

/** What a driver's package.json says. */
export interface DriverPackage {
  readonly package: string
  readonly version: string
  readonly manifest: DriverManifest
  /** The whole file, for its entry points. */
  readonly json: Readonly<Record<string, unknown>>
}

/** `<root>/drivers/<kind>/<name>`: where `rt drivers add` puts a driver with all that it depends on. */
export const driversDirectory = (root: string, kind: DriverKind): string => `${root}/drivers/${kind}`

/**
 * The driver of that kind and name, by where it would lie: one look at the disk for each place, however many are installed.
 *
 * @param beside a directory of rt's own program: packages that npm put beside it are found from there
 */
export const findInstalled = (
  root: string,
  kind: DriverKind,
  name: string,
  beside: string,
): InstalledDriver | undefined => {
  // It becomes a part of a path.
  if (!isDriverName(name)) return undefined
  const added = addedFolder(`${driversDirectory(root, kind)}/${name}`)
  if (added !== undefined) return { kind, name, folder: added, origin: 'added' }
  const folder = modulesAbove(beside)
    .map((modules) => `${modules}/${packageName({ kind, name })}`)
    .find(isInstalled)
  return folder === undefined ? undefined : { kind, name, folder, origin: 'beside' }
}

/** All of them, by name: what each is called is told by where it lies. */
export const listInstalled = (root: string, beside: string): InstalledDriver[] =>
  DRIVER_KINDS.flatMap((kind) => {
    const prefix = packageName({ kind, name: '' })
    const modules = modulesAbove(beside).flatMap(entries)
    const names = new Set([
      ...entries(driversDirectory(root, kind)),
      ...modules.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])),
    ])
    return [...names].sort().flatMap((name) => findInstalled(root, kind, name, beside) ?? [])
  })

/** Reads its package.json. Answers what is wrong with it as a sentence's end where something is. */
export const readPackage = (folder: string): DriverPackage | string => {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  } catch (error) {
    return `has no package.json that can be read: ${(error as Error).message}`
  }
  const manifest = readManifest(json)
  if (typeof manifest === 'string') return `is no driver: its package.json ${manifest}`
  const fields = json as Record<string, unknown>
  return { package: String(fields.name ?? folder), version: String(fields.version ?? ''), manifest, json: fields }
}

/** The package itself, or the one that npm has put below it with its dependencies: `add` leaves its name in the file `package`. */
const addedFolder = (folder: string): string | undefined => {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return undefined
  try {
    return `${folder}/node_modules/${readFileSync(`${folder}/package`, 'utf8').trim()}`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return folder
    throw error
  }
}

/** A workspace, which npm links there, is somebody's source and no installation: it may not even be built. pnpm links packages, too, but within node_modules. */
const isInstalled = (path: string): boolean =>
  existsSync(`${path}/package.json`) && realpathSync(path).includes('/node_modules/')

const entries = (directory: string): string[] => {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

/** As Node looks for packages. */
const modulesAbove = (directory: string): string[] => {
  const parent = dirname(directory)
  const here = directory.endsWith('/node_modules') ? directory : `${directory}/node_modules`
  return parent === directory ? [here] : [here, ...modulesAbove(parent)]
}
