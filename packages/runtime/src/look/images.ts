import { didYouMean, RtError } from '@rt/driver-api'
import { familiar, familiarName, type ImageStore, type ImageSummary, parseReference } from '@rt/images'
import { type Filters, hasLabel } from '../filters/filters.ts'
import { parseTime, parseTimestamp } from '../filters/times.ts'

export const IMAGE_FILTERS = ['before', 'dangling', 'label', 'label!', 'reference', 'since', 'until']

type Test = (image: ImageSummary) => boolean

/** `rt images [NAME] [--filter ...]`: what all filters let through. @throws RtError RT_USAGE, RT_IMAGE_UNKNOWN of before and since */
export const chooseImages = (store: ImageStore, filters: Filters, name?: string): ImageSummary[] => {
  const labels = ({ id }: ImageSummary) => store.find(id)?.config.config?.Labels ?? undefined
  const values = (key: string): readonly string[] => filters.get(key) ?? []
  const patterns = values('reference').map(glob)
  const named = name === undefined ? undefined : glob(name)
  const createdOf = (image: string): bigint => instant(store.require(image).config.created)
  const before = values('before').map(createdOf)
  const since = values('since').map(createdOf)
  const until = values('until').map((text) => parseTime(text, '--filter until'))
  const dangling = values('dangling').map(truth)
  const tests: Test[] = [
    (image) => named === undefined || isNamed(image, named),
    (image) => patterns.length === 0 || patterns.some((pattern) => isNamed(image, pattern)),
    ({ reference }) => dangling.every((wanted) => wanted === (reference === undefined)),
    ({ created }) => before.every((time) => instant(created) < time) && since.every((time) => instant(created) > time),
    ({ created }) => until.every((time) => instant(created) < time),
    (image) => values('label').every((label) => hasLabel(labels(image), label)),
    (image) => values('label!').every((label) => !hasLabel(labels(image), label)),
  ]
  return store.list().filter((image) => tests.every((test) => test(image)))
}

/** Nanoseconds since 1970; an image that does not say is older than all. */
const instant = (created = ''): bigint => parseTimestamp(created) ?? 0n

/** As Go reads a boolean. */
const truth = (text: string): boolean => {
  if (/^(1|t|true)$/i.test(text)) return true
  if (/^(0|f|false)$/i.test(text)) return false
  throw new RtError(
    'RT_USAGE',
    `--filter: dangling is true or false, not "${text}".${didYouMean(text, ['true', 'false'])}`,
  )
}

/** With or without its tag. */
const isNamed = ({ reference }: ImageSummary, pattern: RegExp): boolean => {
  if (reference === undefined) return false
  const parsed = parseReference(reference)
  return pattern.test(familiar(parsed)) || pattern.test(familiarName(parsed))
}

/** `*`, `?` and `[a-z]` of a shell, none of which goes beyond a slash. */
const glob = (pattern: string): RegExp => {
  const source = pattern.replace(/\[\^?[^\]\\]+\]|[\s\S]/g, (part) => {
    if (part === '*') return '[^/]*'
    if (part === '?') return '[^/]'
    return part.length > 1 ? part : part.replace(/[^\w]/g, '\\$&')
  })
  return new RegExp(`^${source}$`)
}
