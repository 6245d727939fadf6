import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { LibraryHandle } from 'koffi'

type Koffi = typeof import('koffi')

let loaded: Koffi | undefined

/**
 * The koffi addon, loaded at first use. Its JavaScript wrapper probes the platform, reads the ELF header of node and declares
 * deprecated names (10-15 ms, half of an empty Node script), the addon itself is 1.2 ms: so the addon is opened
 * directly where it lies beside us, and through the wrapper wherever that does not work (musl, other architectures).
 */
export const koffi = (): Koffi => {
  loaded ??= openAddon() ?? (process.getBuiltinModule('node:module').createRequire(import.meta.url)('koffi') as Koffi)
  return loaded
}

let handle: LibraryHandle | undefined

/** The C library that Node itself is linked with. */
export const library = (): LibraryHandle => {
  handle ??= koffi().load('libc.so.6')
  return handle
}

const openAddon = (): Koffi | undefined => {
  const file = join('@koromix', `koffi-linux-${process.arch}`, `linux_${process.arch}`, 'koffi.node')
  for (let directory = import.meta.dirname; ; directory = dirname(directory)) {
    const candidate = join(directory, 'node_modules', file)
    if (existsSync(candidate)) return dlopen(candidate)
    if (directory === dirname(directory)) return undefined
  }
}

const dlopen = (path: string): Koffi | undefined => {
  const module: { exports: unknown } = { exports: {} }
  try {
    process.dlopen(module, path)
  } catch (error) {
    // A Node linked against another libc: the wrapper picks the right build, or says in its own words why there is none.
    if ((error as NodeJS.ErrnoException).code === 'ERR_DLOPEN_FAILED') return undefined
    throw error
  }
  return module.exports as Koffi
}
