import { constants } from 'node:os'
import { didYouMean, RtError } from '@rt/driver-api'

const LAST_SIGNAL = 64

/**
 * Checks `--stop-signal`: a number, or a name with or without `SIG`, also `RTMIN+3`. Answers it as given.
 * @throws RtError RT_USAGE
 */
export function checkStopSignal(text: string): string {
  const name = text.toUpperCase().replace(/^SIG/, '')
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  const names = Object.keys(constants.signals).map((signal) => signal.slice(3))
  if ((number >= 1 && number <= LAST_SIGNAL) || names.includes(name) || isRealTime(name)) return text
  throw new RtError('RT_USAGE', `--stop-signal: there is no signal "${text}".${didYouMean(name, names)}`, {
    remedy: 'See signal(7) for their names.',
  })
}

/** 34 to 64 by glibc's names: the first two are the C library's own. */
const isRealTime = (name: string): boolean => {
  const [, end, offset = '0'] = /^RT(MIN(?=\+|$)|MAX(?=-|$))(?:[+-](\d+))?$/.exec(name) ?? []
  return end !== undefined && Number(offset) <= LAST_SIGNAL - 34
}

/** `--stop-timeout` in seconds; -1: no end to the wait. @throws RtError RT_USAGE */
export function parseStopTimeout(text: string): number {
  const value = /^(-1|\d+)$/.test(text) ? Number(text) : Number.NaN
  // What a timer of the kernel's in milliseconds can hold.
  if (value <= 2_147_483) return value
  throw new RtError('RT_USAGE', `--stop-timeout "${text}" is not a whole number of seconds`, {
    remedy: 'Write --stop-timeout 10; -1 waits for ever.',
  })
}
