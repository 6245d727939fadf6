import type { Healthcheck } from './image-config.ts'

/** What refuses an instruction: the reason, without a full stop. */
export type Refuse = (reason: string, cause?: unknown) => Error

const INTERVALS = {
  '--interval': 'Interval',
  '--timeout': 'Timeout',
  '--start-period': 'StartPeriod',
  '--start-interval': 'StartInterval',
} as const

const isInterval = (name: string): name is keyof typeof INTERVALS => Object.hasOwn(INTERVALS, name)

/**
 * `NONE`, or `[OPTIONS] CMD COMMAND`, as in a Dockerfile. Options that are not given, or are 0, are left to whoever runs the check.
 *
 * @param list reads the exec form of a command
 */
export const parseHealthcheck = (text: string, list: (text: string) => string[], refuse: Refuse): Healthcheck => {
  const [, options = '', kind = '', rest = ''] = /^((?:--\S*\s+)*)(\S+)\s*(.*)$/s.exec(text) ?? []
  const given = options.trim() === '' ? [] : options.trim().split(/\s+/)
  switch (kind.toUpperCase()) {
    case 'NONE':
      if (given.length > 0 || rest !== '') throw refuse('NONE stands alone')
      return { Test: ['NONE'] }
    case 'CMD':
      return { Test: test(rest, list, refuse), ...Object.fromEntries(given.flatMap((each) => option(each, refuse))) }
    default:
      throw refuse('a health check is NONE or CMD with a command')
  }
}

const test = (command: string, list: (text: string) => string[], refuse: Refuse): string[] => {
  const words = command.startsWith('[') ? ['CMD', ...list(command)] : ['CMD-SHELL', command]
  if (command === '' || words.length < 2) throw refuse('CMD has no command')
  return words
}

const option = (given: string, refuse: Refuse): [name: string, value: number][] => {
  const [, name = given, value = ''] = /^(--[^=]*)=(.*)$/s.exec(given) ?? []
  if (name === '--retries') {
    if (!/^[0-9]{1,9}$/.test(value)) throw refuse(`--retries=${value} is no number`)
    return Number(value) === 0 ? [] : [['Retries', Number(value)]]
  }
  if (!isInterval(name)) throw refuse(`a health check has no option ${name}`)
  const nanoseconds = duration(value)
  if (nanoseconds === undefined) throw refuse(`${name} wants a time such as 30s or 1m30s`)
  if (nanoseconds === 0) return []
  if (nanoseconds < 1e6) throw refuse(`${name} is 1ms at least`)
  return [[INTERVALS[name], nanoseconds]]
}

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }

/** Go's `1h30m`, in nanoseconds; undefined for what is none. */
const duration = (text: string): number | undefined => {
  if (text === '0') return 0
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
  const parts = [...text.matchAll(/([\d.]+)([a-zµ]+)/g)]
  const sum = Math.round(parts.reduce((all, [, number, unit]) => all + Number(number) * (UNITS[unit ?? ''] ?? 0), 0))
  return Number.isSafeInteger(sum) ? sum : undefined
}
