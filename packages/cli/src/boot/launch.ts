/**
 * The first JavaScript of every start. It runs a bundle with V8's code cache, because compiling the bundle costs more than all of a
 * run. There are two bundles: the commands that have to be quick have one without all the others. Each of them has a cache of
 * its own, too, which its first real use leaves behind: reading a cache takes time for every function in it. V8 itself
 * refuses a cache of another Node or another build.
 */
import { readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { Script } from 'node:vm'

declare const RT_VERSION: string
/** The names in src/commands/hot.ts. */
declare const RT_HOT: readonly string[]
/** Flags of V8 that the script rt starts the same commands with. V8 refuses a cache that was made with others, so each kind has its own. */
declare const RT_QUICK_FLAGS: readonly string[]

/** The first word that is neither a flag nor the value of `--root` or `--run-root`. */
const command = process.argv.find(
  (word, at, words) => at > 1 && !word.startsWith('-') && !/^--(run-)?root$/.test(words[at - 1] ?? ''),
)
/** These end by becoming another program, and say when that is about to happen; one that only ends has failed, and shows too little. */
const becomesAnother = ['run', 'exec', 'start', 'attach'].includes(command ?? '')
const hot = command !== undefined && RT_HOT.includes(command)
const bundle = `${__dirname}/${hot ? 'hot' : 'rt'}.cjs`
const quick = RT_QUICK_FLAGS.every((flag) => process.execArgv.includes(flag))
const cacheFile = `${__dirname}/${hot ? command : 'rt'}${quick ? '' : '-plain'}.cache`

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
  // The build has wrapped it into a function already: to do it here would copy the text once more.
  const script = new Script(readFileSync(bundle, 'latin1'), { filename: bundle, ...(cachedData && { cachedData }) })

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
  if (!usable || process.env.RT_WRITE_CODE_CACHE) {
    if (becomesAnother) Object.assign(globalThis, { [Symbol.for('rt.before-shim')]: writeCache })
    else
      process.once('exit', (code) => {
        if (code === 0) writeCache()
      })
  }

  const module = { exports: {} }
  script.runInThisContext()(module.exports, require, module, bundle, __dirname)
}

// A start probes for files that may be missing; each ENOENT would cost a stack trace that nobody sees.
if (!process.env.DEBUG) Error.stackTraceLimit = 0

// The whole bundle is not worth loading for one line.
if (process.argv[2] === '--version') writeSync(1, `rt ${RT_VERSION}\n`)
else start()
