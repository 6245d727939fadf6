import { existsSync } from 'node:fs'
import { join } from 'node:path'

let found: string | undefined

/** Beside the bundle, or in this package's dist when run from sources; RT_SHIM overrides both. */
export const shimPath = (): string => {
  found ??=
    process.env.RT_SHIM ??
    [join(import.meta.dirname, 'rt-shim'), join(import.meta.dirname, '../../dist/rt-shim')].find((path) =>
      existsSync(path),
    )
  if (found === undefined) throw new Error('rt-shim is not built: run `npm run build`')
  return found
}
