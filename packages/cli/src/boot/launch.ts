/**
 * The first JavaScript of every start. It runs the bundle with V8's code cache, because compiling the bundle costs more than all of a
 * run. There are two: `run.cache`, which the first real `run` leaves behind, and `build.cache` for everything else; apart, because
 * reading a cache takes time for every function in it. V8 itself refuses a cache of another Node or another build.
 */
import { existsSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Script } from 'node:vm'

declare const RT_VERSION: string

const bundle = `${__dirname}/rt.cjs`
const isRun = process.argv.includes('run')
const runCache = `${__dirname}/run.cache`
/** A start of a container that exists goes the way of a run; it does not write the cache, because parts of that way are missing. */
const isStart = /^(re)?start$/.test(process.argv[2] ?? '') && existsSync(runCache)
const cacheFile = isRun || isStart ? runCache : `${__dirname}/build.cache`

const readCache = (): Buffer | undefined => {
  try {
    return readFileSync(cacheFile)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const start = (): void => {
  const cachedData = readCache()
  const script = new Script(
    `(function (exports, require, module, __filename, __dirname) {${readFileSync(bundle, 'latin1')}\n})`,
    { filename: bundle, ...(cachedData && { cachedData }) },
  )

  /** Holds every function that has been compiled up to now, those from the cache that was read included. */
  const writeCache = (): void => {
    const draft = `${cacheFile}.${process.pid}`
    try {
      writeFileSync(draft, script.createCachedData())
      renameSync(draft, cacheFile)
    } catch (error) {
      // An installation that this user may not write to is as good without.
      const { code = '' } = error as NodeJS.ErrnoException
      if (!['EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes(code)) throw error
    }
  }
  const usable = cachedData !== undefined && !script.cachedDataRejected
  // `run` ends by becoming another program: it has to say when that is about to happen.
  if (isRun && !usable) Object.assign(globalThis, { [Symbol.for('rt.before-shim')]: writeCache })
  if (!isRun && !isStart && (!usable || process.env.RT_WRITE_CODE_CACHE)) process.once('exit', writeCache)

  const module = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(bundle), module, bundle, __dirname)
}

// A start probes for files that may be missing; each ENOENT would cost a stack trace that nobody sees.
if (!process.env.DEBUG) Error.stackTraceLimit = 0

// The whole bundle is not worth loading for one line.
if (process.argv[2] === '--version') writeSync(1, `rt ${RT_VERSION}\n`)
else start()
