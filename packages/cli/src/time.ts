/** `3 minutes`, `About an hour`: one unit, as Docker's tables say it. `since` is an ISO time or milliseconds since the epoch. */
export const ago = (since: string | number, now = Date.now()): string => {
  const seconds = Math.max(0, Math.floor((now - (typeof since === 'number' ? since : Date.parse(since))) / 1000))
  const minutes = Math.floor(seconds / 60)
  // Rounded, unlike the others.
  const hours = Math.floor(seconds / 3600 + 0.5)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  const days = Math.floor(hours / 24)
  if (days < 14) return `${days} days`
  if (days < 60) return `${Math.floor(days / 7)} weeks`
  if (days < 730) return `${Math.floor(days / 30)} months`
  return `${Math.floor(days / 365)} years`
}

/**
 * `2026-11-27 17:00:00 +0000 UTC`: an ISO time as Go writes it, which is what `{{.CreatedAt}}` is in Docker's listings. `fraction`: with what there is of the
 * second, as Docker has it of networks.
 */
export const goTime = (time: string, { fraction = false }: { readonly fraction?: boolean } = {}): string => {
  const parsed = new Date(time)
  if (Number.isNaN(parsed.getTime())) return time
  const [day = '', rest = ''] = parsed.toISOString().split('T')
  const [second = '', thousandths = ''] = rest.replace('Z', '').split('.')
  const part = thousandths.replace(/0+$/, '')
  return `${day} ${second}${fraction && part !== '' ? `.${part}` : ''} +0000 UTC`
}

/** `2026-11-27T17:00:00Z`: what it is in `history`. */
export const wholeSeconds = (time: string): string => {
  const parsed = new Date(time)
  return Number.isNaN(parsed.getTime()) ? time : parsed.toISOString().replace(/\.\d+Z$/, 'Z')
}
