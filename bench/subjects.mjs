import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { must } from './command.mjs'
import { named } from './engines.mjs'

/**
 * What is measured: { name, argv } of one row, or, where each sample needs something before it, { name, before(n) } that answers with the
 * words to time and `after(n)`. `once` and `finally` come before the first and after the last sample. Engines that cannot do it
 * answer with undefined and have no row.
 */
const fixed = (engines, what, words) =>
  engines.flatMap((engine) => {
    const argv = words(engine)
    return argv === undefined ? [] : [{ name: `${engine.name} ${what}`, argv }]
  })

/** Another container of the engine runs meanwhile, so that its bridge and its rules are there. */
const beside = (engine, row) => ({
  ...row,
  once: () => must(engine.start(named('neighbour'))),
  finally: () => must(engine.remove(named('neighbour'))),
})

const start = (engines) => {
  const [rt] = engines
  const rows = [
    { name: 'rt --version', argv: rt.version },
    { name: 'rt ps', argv: rt.list() },
    ...['none', 'host', 'bridge'].flatMap((mode) => fixed(engines, `run, ${mode}`, (engine) => engine.once(mode))),
  ]
  const first = (engine) => rows.find(({ name }) => name.startsWith(`${engine.name} `))
  return rows.map((row) => {
    const engine = engines.find((each) => first(each) === row)
    return engine === undefined ? row : beside(engine, row)
  })
}

/** The program says that it is ready, by a file that it makes in a directory of the host: only then it honours SIGTERM. */
const polite = (engine, { scratch }) => {
  const directory = join(scratch, `ready-${engine.name}`)
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'ready')
  const program = ['sh', '-c', 'trap "exit 0" TERM; : >/ready/ready; sleep 100000 & wait']
  return {
    words: engine.start(named('polite'), program, ['-v', `${directory}:/ready`]),
    await() {
      for (const deadline = Date.now() + 10_000; !existsSync(file); ) {
        if (Date.now() > deadline) throw new Error(`${engine.name}: the container does not get ready`)
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
      }
      rmSync(file)
    },
  }
}

const stop = (engines, settings) =>
  engines.flatMap((engine) => {
    const container = polite(engine, settings)
    if (container.words === undefined || engine.stop('') === undefined) return []
    return [
      {
        name: `${engine.name} stop`,
        before() {
          must(container.words)
          container.await()
          return engine.stop(named('polite'))
        },
        after: () => must(engine.remove(named('polite'))),
      },
    ]
  })

const detached = (engines) =>
  engines.map((engine) => ({
    name: `${engine.name} run -d`,
    before: () => engine.start(named('detached')),
    after: () => must(engine.remove(named('detached'))),
  }))

const rm = (engines) =>
  engines.map((engine) => ({
    name: `${engine.name} rm -f`,
    before() {
      must(engine.start(named('removed')))
      return engine.remove(named('removed'))
    },
  }))

const exec = (engines) =>
  engines.map((engine) => ({
    name: `${engine.name} exec`,
    argv: engine.exec(named('busy')),
    once: () => must(engine.start(named('busy'))),
    finally: () => must(engine.remove(named('busy'))),
  }))

const ps = (engines, { containers }) =>
  engines.map((engine) => ({
    name: `${engine.name} ps`,
    argv: engine.list(),
    once() {
      for (let n = 0; n < containers; n++) must(engine.start(named(`many-${n}`)))
    },
    finally() {
      for (let n = 0; n < containers; n++) must(engine.remove(named(`many-${n}`)))
    },
  }))

/** A shell starts them all and fails with the first that fails. crun's need an id each, which the shell gives them. */
const AT_ONCE =
  'n=$1; shift; pids=; for i in $(seq $n); do "$@" >/dev/null & pids="$pids $!"; done; for p in $pids; do wait $p || exit; done'
const AT_ONCE_NAMED = AT_ONCE.replace('"$@"', '"$@-$i"')

const parallel = (engines, { atOnce }) =>
  ['bridge', 'none'].flatMap((mode) =>
    fixed(engines, `${atOnce} × run, ${mode}`, (engine) => {
      const argv = engine.once(mode)
      const script = engine.name === 'crun' ? AT_ONCE_NAMED : AT_ONCE
      return argv && ['sh', '-c', script, 'at-once', String(atOnce), ...argv]
    }),
  )

export const SUBJECTS = {
  start: { title: () => 'Start to end', measures: start },
  exec: { title: () => '`exec NAME true`', measures: exec },
  detached: { title: () => '`run -d`', measures: detached },
  stop: { title: () => '`stop` of a container that honours SIGTERM', measures: stop },
  rm: { title: () => '`rm -f` of a running container', measures: rm },
  ps: { title: ({ containers }) => `\`ps\` with ${containers} containers`, measures: ps },
  parallel: { title: ({ atOnce }) => `${atOnce} starts at once, all of them`, measures: parallel },
}
