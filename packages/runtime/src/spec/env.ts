import { RtError } from '@rt/driver-api'

/** Values of the environment that rt was called in. */
export type CallerEnv = Readonly<Record<string, string | undefined>>

export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface EnvInput {
  readonly hostname: string
  readonly terminal: boolean
  /** The image's `Env`: `NAME=value`. */
  readonly image?: readonly string[]
  /** Entries of the env files, in order, as `parseEnvFile` gives them. */
  readonly files?: readonly string[]
  /** `-e` as given: `NAME=value`, or `NAME` for the caller's value. */
  readonly flags?: readonly string[]
  readonly caller: CallerEnv
}

/**
 * The environment of the container's program, as `NAME=value`. Later wins: Docker's defaults (PATH, HOSTNAME, and TERM
 * with a terminal), the image, env files, `-e`. `-e NAME` without a value in the caller's environment removes NAME.
 * @throws RtError RT_USAGE for an entry without a name
 */
export function containerEnv(input: EnvInput): readonly string[] {
  const env = new Map<string, string>([
    ['PATH', DEFAULT_PATH],
    ['HOSTNAME', input.hostname],
  ])
  if (input.terminal) env.set('TERM', 'xterm')
  const set = (entry: string, where: string) => {
    const equals = entry.indexOf('=')
    const name = equals < 0 ? entry : entry.slice(0, equals)
    if (name === '') {
      throw new RtError('RT_USAGE', `${where}: "${entry}" has no name before the "=".`, { remedy: 'Write NAME=value.' })
    }
    const value = equals < 0 ? input.caller[name] : entry.slice(equals + 1)
    if (value === undefined) env.delete(name)
    else env.set(name, value)
  }
  // An image says nothing about the caller's environment: an entry of its own without "=" sets nothing.
  for (const entry of input.image ?? []) if (entry.includes('=')) set(entry, 'image config')
  for (const entry of input.files ?? []) set(entry, '--env-file')
  for (const entry of input.flags ?? []) set(entry, '-e')
  return [...env].map(([name, value]) => `${name}=${value}`)
}

/**
 * Reads Docker's env-file format: one `NAME=value` per line, taken literally (no quotes, no expansion, blanks at the end
 * kept); `NAME` alone takes the caller's value, or is left out where there is none; empty lines and lines that begin with `#` are skipped.
 * @param path for error messages
 * @throws RtError RT_USAGE with the line's number
 */
export function parseEnvFile(text: string, path: string, caller: CallerEnv): readonly string[] {
  const entries: string[] = []
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trimStart()
    if (line === '' || line.startsWith('#')) continue
    const equals = line.indexOf('=')
    const name = equals < 0 ? line : line.slice(0, equals)
    const where = `${path}:${index + 1}`
    if (line.includes('\0'))
      throw new RtError('RT_USAGE', `${where}: there is a NUL character in it.`, { remedy: 'Give a file of text.' })
    if (name === '')
      throw new RtError('RT_USAGE', `${where}: there is no name before the "=".`, { remedy: 'Write NAME=value.' })
    if (/\s/.test(name)) {
      throw new RtError('RT_USAGE', `${where}: the name "${name}" contains a blank.`, {
        remedy: 'Write NAME=value, without blanks around the "=" and without "export".',
      })
    }
    if (equals >= 0) entries.push(line)
    else if (caller[name] !== undefined) entries.push(`${name}=${caller[name]}`)
  }
  return entries
}
