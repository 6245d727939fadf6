import { RtError } from '@rt/driver-api'

const REMEDY = 'Write KEY=VALUE, or KEY alone for an empty value.'

/** `--label KEY[=VALUE]`, after those of label files. @throws RtError RT_USAGE */
export function parseLabels(files: readonly string[], flags: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...files, ...flags].map((text) => {
      const equals = text.indexOf('=')
      const key = equals < 0 ? text : text.slice(0, equals)
      if (key.trim() === '') throw new RtError('RT_USAGE', `--label "${text}" has no key`, { remedy: REMEDY })
      return [key, equals < 0 ? '' : text.slice(equals + 1)]
    }),
  )
}

/** One label a line; empty lines and lines that begin with `#` are skipped. @throws RtError RT_USAGE with the line's number */
export function parseLabelFile(text: string, path: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  return lines.flatMap((raw, index) => {
    const line = raw.trimStart()
    if (line === '' || line.startsWith('#')) return []
    const [key = ''] = line.split('=', 1)
    if (key === '' || /\s/.test(key))
      throw new RtError('RT_USAGE', `${path}:${index + 1}: "${key}" cannot be the key of a label`, { remedy: REMEDY })
    return [line]
  })
}
