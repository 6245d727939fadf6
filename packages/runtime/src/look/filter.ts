import { didYouMean, RtError } from '@rt/driver-api'
import { canonical, parseReference } from '@rt/images'
import { type Filters, hasLabel } from '../filters/filters.ts'
import { publishedPorts } from '../ports/shown.ts'
import type { Container } from '../store/containers.ts'

type Test = (container: Container, value: string) => boolean

const TESTS: Readonly<Record<string, Test>> = {
  id: ({ record }, value) => record.id.startsWith(value),
  name: ({ record }, value) => nameMatches(record.name, value),
  status: ({ state }, value) => state.status === value,
  ancestor: ({ record }, value) => isImage(record.image, value),
  exited: ({ state }, value) => state.status === 'exited' && state.exitCode === Number(value),
  network: ({ record }, value) =>
    record.networks.some(({ name, id }) => name === value || (value.length >= 4 && id?.startsWith(value) === true)),
  publish: (container, value) => publishes(container, value),
  volume: ({ record }, value) =>
    record.spec.mounts.some(({ source, destination }) => source === value || destination === value) ||
    record.mountPoints?.some(({ name }) => name === value) === true,
}

/** `8080`, `8080/udp`, `8000-8010`: ports of the host. */
const publishes = (container: Container, value: string): boolean => {
  const [, first, last = first, protocol = 'tcp'] = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp))?$/.exec(value) ?? []
  if (first === undefined)
    throw new RtError('RT_USAGE', `--filter: "${value}" is not a port.`, {
      remedy: 'Write publish=8080 or publish=53/udp.',
    })
  return publishedPorts(container).some(
    ({ hostPort, protocol: of }) => of === protocol && hostPort >= Number(first) && hostPort <= Number(last),
  )
}

export const PS_FILTERS = [...Object.keys(TESTS), 'label', 'before', 'since']

const STATUSES = ['created', 'running', 'paused', 'restarting', 'exited', 'dead', 'removing']

/** Whether a filter asks for containers that do not run as well. */
export const meansAll = (filters: Filters): boolean => filters.has('status') || filters.has('exited')

/**
 * @param createdOf answers when the container that `before` or `since` names was created
 * @throws RtError RT_USAGE for a value that cannot be
 */
export const filterContainers = (
  all: readonly Container[],
  filters: Filters,
  createdOf: (text: string) => string,
): Container[] => {
  if (filters.size === 0) return [...all]
  for (const status of filters.get('status') ?? [])
    if (!STATUSES.includes(status))
      throw new RtError('RT_USAGE', `--filter: there is no status "${status}".${didYouMean(status, STATUSES)}`, {
        remedy: `Statuses: ${STATUSES.join(', ')}.`,
      })
  for (const code of filters.get('exited') ?? [])
    if (!/^\d+$/.test(code)) throw new RtError('RT_USAGE', `--filter: "${code}" is not an exit code.`)
  const before = (filters.get('before') ?? []).map(createdOf)
  const since = (filters.get('since') ?? []).map(createdOf)
  return all.filter(
    (container) =>
      Object.entries(TESTS).every(([key, test]) => filters.get(key)?.some((value) => test(container, value)) ?? true) &&
      (filters.get('label') ?? []).every((label) => hasLabel(container.record.request.labels, label)) &&
      before.every((time) => container.record.created < time) &&
      since.every((time) => container.record.created > time),
  )
}

/** A regular expression, as in Docker; what is none is taken as text. */
const nameMatches = (name: string, pattern: string): boolean => {
  try {
    const regex = new RegExp(pattern)
    return regex.test(name) || regex.test(`/${name}`)
  } catch (error) {
    if (error instanceof SyntaxError) return name.includes(pattern)
    throw error
  }
}

const isImage = (image: Container['record']['image'], wanted: string): boolean => {
  const hex = (id: string): string => id.replace(/^sha256:/, '')
  if (/^(sha256:)?[0-9a-f]{4,64}$/.test(wanted) && hex(image.id).startsWith(hex(wanted))) return true
  return canonicalOf(image.name) === canonicalOf(wanted)
}

/** A container may name its image by id, which is no reference. */
const canonicalOf = (name: string): string => {
  try {
    return canonical(parseReference(name))
  } catch (error) {
    if (error instanceof RtError) return name
    throw error
  }
}
