import type { DriverKind } from './drivers/context.ts'
import { API_VERSION } from './identity.ts'

/** The field `rt` of a driver's package.json: what rt knows of a driver without loading it. */
export interface DriverManifest {
  readonly kind: DriverKind
  /** What users write behind `--network=`: lower-case letters, digits and hyphens, at most 32, beginning with a letter. */
  readonly name: string
  /** The version of this contract that the driver was written for: `API_VERSION`. */
  readonly apiVersion: number
  /** How `rt drivers verify` tries it, where it needs more than an empty host with one interface, eth0. */
  readonly verify?: {
    /** Its section of the config in the trial. */
    readonly options?: Readonly<Record<string, unknown>>
    /** A shell script that prepares the throwaway host: see the test kit. */
    readonly host?: string
  }
}

export const DRIVER_KINDS: readonly DriverKind[] = ['net', 'storage', 'isolation']

export const isDriverName = (name: string): boolean => /^[a-z][a-z0-9-]{0,31}$/.test(name)

/** `rt-driver-net-macvlan`: what such a package is best called, so that it is found beside rt and by search. */
export const packageName = ({ kind, name }: Pick<DriverManifest, 'kind' | 'name'>): string =>
  `rt-driver-${kind}-${name}`

/** Reads the manifest in the content of a package.json. Answers what is wrong with it as the end of a sentence, "its package.json ...". */
export const readManifest = (packageJson: unknown): DriverManifest | string => {
  if (!isObject(packageJson)) return 'is no object'
  const { rt } = packageJson
  if (rt === undefined) return `has no field "rt" such as {"kind": "net", "name": "x", "apiVersion": ${API_VERSION}}`
  if (!isObject(rt)) return 'has a field "rt" that is no object'
  const { kind, name, apiVersion } = rt
  if (!DRIVER_KINDS.includes(kind as DriverKind))
    return `says rt.kind ${JSON.stringify(kind)}, which is none of ${DRIVER_KINDS.join(', ')}`
  if (typeof name !== 'string' || !isDriverName(name))
    return `says rt.name ${JSON.stringify(name)}, which is not a name of lower-case letters, digits and hyphens`
  if (typeof apiVersion !== 'number' || !Number.isInteger(apiVersion))
    return `says rt.apiVersion ${JSON.stringify(apiVersion)}, which is not a whole number`
  const { verify = {} } = rt
  if (!isObject(verify) || !isObject(verify.options ?? {}) || typeof (verify.host ?? '') !== 'string')
    return 'says rt.verify, which is not an object with options and a script host'
  return { kind: kind as DriverKind, name, apiVersion, ...(rt.verify !== undefined && { verify }) }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
