import { didYouMean, RtError } from '@rt/driver-api'

const MOST = 64
/** Of the C library; the kernel's own begin at 32, and the library keeps two for itself. */
const RTMIN = 34

/** Without `SIG`, as `kill -l` says them. Node's table has no real-time signals, and those have no names of their own. */
const names = (): ReadonlyMap<string, number> =>
  new Map([
    ...Object.entries(process.getBuiltinModule('node:os').constants.signals).map(([name, number]): [string, number] => [
      name.slice(3),
      number,
    ]),
    ['RTMIN', RTMIN],
    ['RTMAX', MOST],
  ])

/** `TERM`, `SIGTERM`, `sigterm`, `15`, `RTMIN+3`, `SIGRTMAX-1`. @throws RtError RT_SIGNAL_INVALID with that exit status */
export const parseSignal = (text: string, exitCode = 1): number => {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : named(text.toUpperCase().replace(/^SIG/, ''))
  if (number !== undefined && number >= 1 && number <= MOST) return number
  const known = [...names().keys()].map((name) => (/^sig/i.test(text) ? `SIG${name}` : name))
  throw new RtError('RT_SIGNAL_INVALID', `"${text}" is not a signal.${didYouMean(text.toUpperCase(), known)}`, {
    exitCode,
  })
}

const named = (name: string): number | undefined => {
  const [, base = name, sign, offset] = /^(RTMIN|RTMAX)([+-])(\d{1,2})$/.exec(name) ?? []
  const number = names().get(base)
  if (number === undefined || sign === undefined) return number
  const result = sign === '+' ? number + Number(offset) : number - Number(offset)
  return result >= RTMIN ? result : undefined
}
