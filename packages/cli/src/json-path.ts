import { didYouMean, RtError } from '@rt/driver-api'

/**
 * `inspect --format`: a path (`State.Status`, `Mounts[0].Source`) or a text with paths in braces (`{Name}: {State.Pid}`). Docker's own one-field
 * forms `{{.State.Status}}` and `{{json .State}}` mean the same. Texts come as they are, everything else as JSON.
 *
 * @throws RtError RT_USAGE for a field that is not there
 */
export const formatByPath = (format: string, value: unknown): string => {
  const plain = format
    .replace(/\{\{\s*json\s+\.([\w.[\]"-]*)\s*\}\}/g, '{json:$1}')
    .replace(/\{\{\s*\.([\w.[\]-]*)\s*\}\}/g, '{$1}')
  if (plain.includes('{{'))
    throw new RtError('RT_USAGE', `--format: "${format}" is a Go template, which rt does not run.`, {
      remedy: 'Give a path such as State.Status, or a text with paths in braces: "{Name} {State.Pid}".',
    })
  if (!plain.includes('{')) return shown(follow(plain.replace(/^\./, ''), value))
  return plain.replace(/\{(json:)?([^{}]*)\}/g, (_, json: string | undefined, path: string) => {
    const found = follow(path, value)
    return json ? JSON.stringify(found) : shown(found)
  })
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
