import { didYouMean, RtError } from '@rt/driver-api'

/**
 * `inspect --format`, ready for many values: a template of Go as Docker takes it (`{{.State.Status}}`), a path (`State.Status`,
 * `Mounts[0].Source`), a text with paths in braces (`{Name}: {State.Pid}`), or `json`. In the last three, texts come as they are and
 * everything else as JSON.
 *
 * @throws RtError RT_USAGE for a field that is not there, then or now
 */
export const compileFormat = async (format: string): Promise<(value: unknown) => string> => {
  if (format.includes('{{')) {
    const [{ compileTemplate }, { ABSENT }] = await Promise.all([
      import('./template/run.ts'),
      import('./template/absent.ts'),
    ])
    return compileTemplate(format, ABSENT)
  }
  if (format === 'json') return (value) => JSON.stringify(value)
  if (!format.includes('{')) return (value) => shown(follow(format.replace(/^\./, ''), value))
  return (value) => format.replace(/\{([^{}]*)\}/g, (_, path: string) => shown(follow(path, value)))
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const follow = (path: string, value: unknown): unknown => {
  let at = value
  for (const name of path.match(/[^.[\]"]+/g) ?? []) at = member(at, name, path)
  return at
}

const member = (of: unknown, name: string, path: string): unknown => {
  const members: Readonly<Record<string, unknown>> = typeof of === 'object' && of !== null ? { ...of } : {}
  if (Object.hasOwn(members, name)) return members[name]
  throw new RtError(
    'RT_USAGE',
    `--format: ${path} is not there: no "${name}".${didYouMean(name, Object.keys(members))}`,
  )
}
