import { RtError } from '@rt/driver-api'
import { parseBytes } from './size.ts'

export const invalid = (message: string, remedy: string): RtError =>
  new RtError('RT_LIMIT_INVALID', message, { remedy })

export interface CountRules {
  /** 0 says "no limit", as if the flag had not been given. */
  readonly zero: boolean
  /** -1 says "no limit" explicitly. */
  readonly minusOne?: boolean
  readonly least: number
  readonly most?: number
  readonly unit?: string
}

/** @throws RtError RT_LIMIT_INVALID */
export function parseCount(flag: string, text: string | undefined, rules: CountRules): number | undefined {
  if (text === undefined) return undefined
  const { least, most = Number.MAX_SAFE_INTEGER, unit } = rules
  const value = Number(text)
  if (rules.minusOne === true && text === '-1') return -1
  if (!/^[0-9]+$/.test(text))
    throw invalid(`${flag}: "${text}" is not a whole number.`, `Write ${flag}=${Math.max(least, 100)}.`)
  if (rules.zero && value === 0) return undefined
  if (value >= least && value <= most) return value
  const range = rules.most === undefined ? `${least} or more` : `from ${least} to ${most}`
  throw invalid(
    `${flag}: ${text} is out of range.`,
    `Give ${range}${unit === undefined ? '' : ` ${unit}`}, or 0 for no limit.`,
  )
}

/** Bytes. 0 is no limit. @throws RtError RT_LIMIT_INVALID */
export function parseSize(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const bytes = parseBytes(text)
  if (bytes === undefined)
    throw invalid(`${flag}: "${text}" is not a size.`, `Write ${flag}=64m; units are b, k, m and g.`)
  if (!Number.isSafeInteger(bytes))
    throw invalid(`${flag}: ${text} is more than any machine has.`, 'Give a smaller size.')
  return bytes === 0 ? undefined : bytes
}

/** The numbers of a list as in `0-2,4`; undefined for what is none. */
export function listNumbers(text: string): number[] | undefined {
  const numbers: number[] = []
  for (const part of text.split(',')) {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? []
    if (first === undefined || Number(last) < Number(first)) return undefined
    for (let n = Number(first); n <= Number(last); n++) numbers.push(n)
  }
  return numbers
}

/** A list of CPUs or memory nodes, all of which the machine has; an empty one was not given. @throws RtError RT_LIMIT_INVALID */
export function checkList(flag: string, text: string | undefined, online: () => readonly number[]): string | undefined {
  if (text === undefined || text === '') return undefined
  const what = flag === '--cpuset-mems' ? 'memory node' : 'CPU'
  const wanted = listNumbers(text)
  if (wanted === undefined) throw invalid(`${flag}: "${text}" is not a list of ${what}s.`, `Write ${flag}=0-1,3.`)
  const there = online()
  const missing = wanted.find((number) => !there.includes(number))
  if (missing === undefined) return text
  throw invalid(`${flag}: this machine has no ${what} ${missing}.`, `It has ${there.join(', ')}.`)
}
