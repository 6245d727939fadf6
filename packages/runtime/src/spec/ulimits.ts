import { didYouMean, type OciRlimit, RtError } from '@rt/driver-api'

/** Docker's names. `as` and the like of getrlimit(2) that it leaves out, rt leaves out too. */
const TYPES: readonly string[] = [
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
]

/**
 * `--ulimit TYPE=SOFT[:HARD]`, each a whole number or -1 for no limit; the last of one type wins, as in Docker.
 * @throws RtError RT_USAGE
 */
export function parseUlimits(given: readonly string[] = []): readonly OciRlimit[] {
  const limits = new Map<string, OciRlimit>()
  for (const text of given) {
    const limit = parseUlimit(text)
    limits.set(limit.type, limit)
  }
  return [...limits.values()]
}

function parseUlimit(text: string): OciRlimit {
  const wrong = (problem: string, remedy = 'Write --ulimit nofile=1024:4096; -1 is no limit.') =>
    new RtError('RT_USAGE', `--ulimit ${text}: ${problem}`, { remedy })
  const [, name = '', soft = '', hard] = /^([^=]*)=([^:]*)(?::(.*))?$/s.exec(text) ?? []
  if (name === '') throw wrong('this is not TYPE=SOFT[:HARD].')
  if (!TYPES.includes(name)) {
    throw wrong(`there is no limit "${name}".${didYouMean(name, TYPES)}`, `Use one of ${TYPES.join(', ')}.`)
  }
  const number = (value: string): number => {
    if (!/^(-1|\d+)$/.test(value) || !Number.isSafeInteger(Number(value))) {
      throw wrong(`"${value}" is not a whole number.`)
    }
    return Number(value)
  }
  const limit = { soft: number(soft), hard: number(hard ?? soft) }
  if (limit.hard !== -1 && (limit.soft === -1 || limit.soft > limit.hard)) {
    throw wrong('the soft limit is above the hard one.')
  }
  return { type: `RLIMIT_${name.toUpperCase()}`, ...limit }
}
