import { RtError } from '@rt/driver-api'

/** A timeout as Docker takes it: whole seconds, -1 for none. @throws RtError RT_USAGE */
export const seconds = (text: string, flag: string): number => {
  if (/^(-1|\d{1,9})$/.test(text)) return Number(text)
  throw new RtError('RT_USAGE', `${flag} "${text}" is not a whole number of seconds`, {
    remedy: 'Write a number such as 30, 0 to kill at once, or -1 to wait for ever.',
  })
}
