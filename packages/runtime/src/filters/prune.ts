import { RtError } from '@rt/driver-api'
import { type Filters, hasLabel, parseFilters } from './filters.ts'
import { parseTime } from './times.ts'

/** What is pruned of things that have labels and were made once. */
export type PruneTest = (thing: {
  /** ISO 8601, UTC */
  readonly created: string
  readonly labels: Readonly<Record<string, string>> | undefined
}) => boolean

export const everything: PruneTest = () => true

/** `--filter until=TIME`, `label=KEY[=VALUE]` and `label!=KEY[=VALUE]`: all of them must hold. @throws RtError RT_USAGE */
export const pruneTest = (texts: readonly string[]): PruneTest => {
  const filters: Filters = parseFilters(texts, ['until', 'label', 'label!'])
  const [until, ...more] = (filters.get('until') ?? []).map((text) => parseTime(text, '--filter until'))
  if (more.length > 0) throw new RtError('RT_USAGE', '--filter until was given twice.', { remedy: 'Give it once.' })
  return ({ created, labels }) =>
    (until === undefined || parseTime(created, 'created') < until) &&
    (filters.get('label') ?? []).every((label) => hasLabel(labels, label)) &&
    (filters.get('label!') ?? []).every((label) => !hasLabel(labels, label))
}
