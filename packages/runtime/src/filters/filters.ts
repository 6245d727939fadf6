import { didYouMean, RtError } from '@rt/driver-api'

/** Several values of one key: any of them; several keys: all of them, as in Docker. Labels must all be there. */
export type Filters = ReadonlyMap<string, readonly string[]>

/** `--filter key=value`, in order. @throws RtError RT_USAGE */
export const parseFilters = (texts: readonly string[], known: readonly string[]): Filters => {
  const filters = new Map<string, string[]>()
  for (const text of texts) {
    const at = text.indexOf('=')
    const key = at < 0 ? text : text.slice(0, at)
    if (at < 0)
      throw new RtError('RT_USAGE', `--filter "${text}" is not of the form KEY=VALUE.`, {
        remedy: `Keys: ${known.join(', ')}.`,
      })
    if (!known.includes(key))
      throw new RtError('RT_USAGE', `--filter: there is no filter "${key}".${didYouMean(key, known)}`, {
        remedy: `Filters: ${known.join(', ')}.`,
      })
    filters.set(key, [...(filters.get(key) ?? []), text.slice(at + 1)])
  }
  return filters
}

export const hasLabel = (labels: Readonly<Record<string, string>> | undefined, wanted: string): boolean => {
  const at = wanted.indexOf('=')
  const key = at < 0 ? wanted : wanted.slice(0, at)
  // Its own: every object has a `constructor`.
  return labels !== undefined && Object.hasOwn(labels, key) && (at < 0 || labels[key] === wanted.slice(at + 1))
}
