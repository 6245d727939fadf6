import { RtError } from '@rt/driver-api'

/** `--oom-score-adj`. @throws RtError RT_USAGE */
export function parseOomScoreAdj(text: string): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= -1000 && value <= 1000) return value
  throw new RtError('RT_USAGE', `--oom-score-adj "${text}" is not a whole number from -1000 to 1000`, {
    remedy: '-1000 is never killed, 1000 is killed first.',
  })
}
