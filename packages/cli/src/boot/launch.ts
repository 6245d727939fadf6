/**
 * The first JavaScript of every start. It runs the bundle with V8's code cache: compiling the bundle costs more than all of a run.
 * A cache of another Node or another build is refused by V8 itself and the bundle is compiled as usual.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Script } from 'node:vm'

const bundle = `${__dirname}/rt.cjs`
const cacheFile = `${__dirname}/rt.cache`

const readCache = (): Buffer | undefined => {
  try {
    return readFileSync(cacheFile)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const cachedData = readCache()
const script = new Script(`(function (exports, require, module, __filename, __dirname) {${readFileSync(bundle, 'latin1')}\n})`, {
  filename: bundle,
  ...(cachedData && { cachedData }),
})

/** Called by the build when the functions of a start have been compiled, so that the cache holds them too. */
const writeCache = (): void => {
  writeFileSync(`${cacheFile}.new`, script.createCachedData())
  renameSync(`${cacheFile}.new`, cacheFile)
}
if (process.env.RT_WRITE_CODE_CACHE) process.once('exit', writeCache)

const module = { exports: {} }
script.runInThisContext()(module.exports, createRequire(bundle), module, bundle, __dirname)
