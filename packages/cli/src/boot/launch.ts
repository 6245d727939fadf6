/**
 * The first JavaScript of every start. It runs the bundle with V8's code cache, because compiling the bundle costs more than all of a
 * run. The build leaves a cache of what it could warm up; the first real `run` leaves a better one. V8 itself refuses a cache of
 * another Node or another build, and then it is made anew.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Script } from 'node:vm'

const bundle = `${__dirname}/rt.cjs`
const runCache = `${__dirname}/run.cache`
const buildCache = `${__dirname}/build.cache`

const readIfThere = (path: string): Buffer | undefined => {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const fromRun = readIfThere(runCache)
const cachedData = fromRun ?? readIfThere(buildCache)
const script = new Script(
  `(function (exports, require, module, __filename, __dirname) {${readFileSync(bundle, 'latin1')}\n})`,
  { filename: bundle, ...(cachedData && { cachedData }) },
)
const usable = cachedData !== undefined && !script.cachedDataRejected

/** Holds every function that has been compiled up to now, those from the cache that was read included. */
const writeCache = (path: string): void => {
  const draft = `${path}.${process.pid}`
  try {
    writeFileSync(draft, script.createCachedData())
    renameSync(draft, path)
  } catch (error) {
    // An installation that this user may not write to is as good without.
    const { code = '' } = error as NodeJS.ErrnoException
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes(code)) throw error
  }
}
if (process.env.RT_WRITE_CODE_CACHE) process.once('exit', () => writeCache(buildCache))

const module = { exports: {} }
// `run` ends by becoming another program: it has to say when that is about to happen.
if (!usable || !fromRun) Object.assign(globalThis, { [Symbol.for('rt.before-shim')]: () => writeCache(runCache) })
script.runInThisContext()(module.exports, createRequire(bundle), module, bundle, __dirname)
