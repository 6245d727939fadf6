import { didYouMean, RtError } from '@rt/driver-api'

const FULL = ['uid', 'pid', 'ppid', 'c', 'stime', 'tty', 'time', 'cmd']
const BSD = ['user', 'pid', '%cpu', '%mem', 'vsz', 'rss', 'tty', 'stat', 'start', 'time', 'command']

/** Names that ps(1) takes for `-o`, and the column they mean. */
const NAMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...FULL, ...BSD].map((name) => [name, name])),
  pcpu: '%cpu',
  pmem: '%mem',
  args: 'command',
  comm: 'comm',
  etime: 'elapsed',
  start_time: 'start',
  tt: 'tt',
  s: 's',
  state: 's',
  nlwp: 'nlwp',
  thcount: 'nlwp',
  ni: 'ni',
  nice: 'ni',
  euser: 'user',
  vsize: 'vsz',
  rssize: 'rss',
}

/**
 * The columns that ps(1) options ask for: none or `-ef`, `aux`, `-o pid,cmd`. Which processes are shown is not for the options to say.
 *
 * @throws RtError RT_USAGE
 */
export const topColumns = (options: readonly string[]): readonly string[] => {
  const chosen: string[] = []
  let bsd = false
  for (let at = 0; at < options.length; at++) {
    const option = options[at] ?? ''
    const match = /^-?[eA]*o(.*)$/.exec(option) ?? /^--format=(.*)$/.exec(option)
    if (match) chosen.push(...(match[1] || (options[++at] ?? '')).split(','))
    else if (/^a?u?x?$/.test(option)) bsd = true
    else if (!/^-[eAfw]+$/.test(option))
      throw new RtError('RT_USAGE', `rt top does not know "${option}".`, {
        remedy: 'Use -ef, aux, or -o with names of columns: -o pid,user,cmd.',
      })
  }
  if (chosen.length === 0) return bsd ? BSD : FULL
  return chosen.map((name) => {
    const column = NAMES[name.trim()]
    if (column !== undefined) return column
    throw new RtError('RT_USAGE', `rt top has no column "${name}".${didYouMean(name, Object.keys(NAMES))}`, {
      remedy: `Columns: ${Object.keys(NAMES).join(', ')}.`,
    })
  })
}
