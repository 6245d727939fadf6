import { boolean, string } from '@oclif/core/flags'
import { parse as parseWithOclif } from '@oclif/core/parser'
import { didYouMean, RtError } from '@rt/driver-api'
import { type FlagDefinitions, ParsedFlags, type RtCommand } from './command.ts'
import { runsProgram } from './runs-program.ts'

/** Flags that every command has. */
export const baseFlags: FlagDefinitions = {
  root: string({ summary: 'where rt keeps images and containers', helpValue: 'DIR' }),
  'run-root': string({ summary: 'where rt keeps the state of this boot', helpValue: 'DIR' }),
  help: boolean({ summary: 'show this help' }),
}

export const allFlags = (command: RtCommand): FlagDefinitions => ({ ...command.flags, ...baseFlags })

interface Split {
  readonly flags: readonly string[]
  readonly words: readonly string[]
}

/** `--network`, `-it`, `--env=A=1`: which flag a token means, and whether its value is the next token. */
const readToken = (token: string, flags: FlagDefinitions): { readonly name: string; readonly takesNext: boolean } => {
  if (token.startsWith('--')) {
    const [name = ''] = token.slice(2).split('=', 1)
    const flag = flags[name] ?? Object.values(flags).find(({ aliases }) => aliases?.includes(name))
    return { name: token, takesNext: !token.includes('=') && flag?.type === 'option' }
  }
  const letters = token.slice(1)
  for (const [index, letter] of [...letters].entries()) {
    const flag = Object.values(flags).find((f) => f.char === letter)
    if (flag?.type === 'option') return { name: token, takesNext: index === letters.length - 1 }
  }
  return { name: token, takesNext: false }
}

/** `-it=false` is `-i` and `--tty=false`, as in Docker, where they are all yes or no. */
const apart = (token: string, flags: FlagDefinitions): string[] => {
  const [, letters, value] = /^-([a-zA-Z]+)=([a-zA-Z01]+)$/.exec(token) ?? []
  if (letters === undefined) return [token]
  const names = [...letters].map((letter) =>
    Object.keys(flags).find((name) => flags[name]?.char === letter && flags[name]?.type === 'boolean'),
  )
  if (names.includes(undefined)) return [token]
  return names.map((name, at) => (at === names.length - 1 ? `--${name}=${value}` : `--${name}`))
}

/** Docker also takes `--rm=true` and `--rm=false`, which oclif's boolean flags do not know. Of two the later one holds. */
const takeFlag = (taken: string[], token: string, flags: FlagDefinitions): void => {
  const [, name = '', text = ''] = /^--([^=]+)=(1|0|t|f|T|F|true|false|True|False|TRUE|FALSE)$/.exec(token) ?? []
  const flag = flags[name]
  if (flag?.type !== 'boolean') taken.push(token)
  else if (/^[1t]/i.test(text)) taken.push(`--${name}`)
  else if (flag.allowNo) taken.push(`--no-${name}`)
  else for (let at = taken.indexOf(`--${name}`); at >= 0; at = taken.indexOf(`--${name}`)) taken.splice(at, 1)
}

/** A flag with its value, where that stands apart. Of two values of a flag that has one the later one holds, as in Docker. */
const takeToken = (taken: string[], token: string, next: string | undefined, flags: FlagDefinitions): void => {
  const { name, before, value } = readOption(token, next, flags)
  if (name !== undefined && value !== undefined && flags[name]?.type === 'option' && !flags[name].multiple) {
    if (before !== '') takeFlag(taken, `-${before}`, flags)
    const earlier = taken.findIndex((other) => other.startsWith(`--${name}=`))
    if (earlier >= 0) taken.splice(earlier, 1)
    taken.push(`--${name}=${value}`)
    return
  }
  for (const one of apart(token, flags)) takeFlag(taken, one, flags)
  if (next === undefined) return
  // Joined, so that a value that looks like a flag (`--entrypoint -x`) stays a value.
  if (token.startsWith('--')) taken[taken.length - 1] = `${token}=${next}`
  else taken.push(next)
}

/** `--name=v`, `--name` and `-itn v`, `-nv`, `-n=v`: the flag's own name, what stands before its letter, and its value. */
const readOption = (
  token: string,
  next: string | undefined,
  flags: FlagDefinitions,
): { readonly name?: string; readonly before: string; readonly value?: string } => {
  const named = (holds: (name: string) => boolean): string | undefined => Object.keys(flags).find(holds)
  if (token.startsWith('--')) {
    const [, given = '', text] = /^--([^=]*)(?:=(.*))?$/s.exec(token) ?? []
    const name = named((key) => key === given || flags[key]?.aliases?.includes(given) === true)
    const value = text ?? next
    return { before: '', ...(name !== undefined && { name }), ...(value !== undefined && { value }) }
  }
  for (const [at, letter] of [...token.slice(1)].entries()) {
    const name = named((key) => flags[key]?.char === letter && flags[key]?.type === 'option')
    if (name === undefined) continue
    const rest = token.slice(at + 2).replace(/^=/, '')
    const value = token.length > at + 2 ? rest : next
    return { name, before: token.slice(1, at + 1), ...(value !== undefined && { value }) }
  }
  return { before: '' }
}

/** Tells flags from words. oclif takes flags anywhere; in `rt run busybox ls -l` the `-l` is not ours to take. */
export const splitWords = (argv: readonly string[], flags: FlagDefinitions, stopAtWord: boolean): Split => {
  const taken: string[] = []
  const words: string[] = []
  for (let i = 0; i < argv.length; i++) {
    const token = argv[i] ?? ''
    if (token === '--') return { flags: taken, words: [...words, ...argv.slice(i + 1)] }
    if (!token.startsWith('-') || token === '-') {
      if (stopAtWord) return { flags: taken, words: argv.slice(i) }
      words.push(token)
      continue
    }
    const next = argv[i + 1]
    const takesNext = readToken(token, flags).takesNext && next !== undefined
    if (takesNext) i++
    takeToken(taken, token, takesNext ? next : undefined, flags)
  }
  return { flags: taken, words }
}

export interface Parsed {
  readonly flags: ParsedFlags
  readonly words: readonly string[]
}

/** @throws RtError RT_USAGE in one sentence, with a suggestion for a mistyped flag */
export const parse = async (name: string, command: RtCommand, argv: readonly string[]): Promise<Parsed> => {
  const flags = allFlags(command)
  const split = splitWords(argv, flags, command.words.stopAtWord ?? false)
  const remedy = `See \`rt ${name} --help\`.`
  let values: Readonly<Record<string, unknown>>
  try {
    values = (await parseWithOclif([...split.flags], { flags, args: {}, strict: true })).flags
  } catch (error) {
    const { flags: [unknown] = [] } = error as { flags?: string[] }
    const refused = unknown === undefined ? undefined : (await import('./flags/refused.ts')).refusal(name, unknown)
    if (refused) throw new RtError('RT_USAGE', refused.message, { remedy: refused.remedy, cause: error })
    throw new RtError('RT_USAGE', usageMessage(error, flags), { remedy, cause: error })
  }
  const { least, most } = command.words
  if (values.help !== true && (split.words.length < least || split.words.length > most)) {
    const exactly = least === most ? '' : 'at least '
    const problem =
      split.words.length < least
        ? `needs ${exactly}${least === 1 ? 'one argument' : `${least} arguments`}`
        : `does not take "${split.words[most]}"`
    throw new RtError('RT_USAGE', `rt ${name} ${problem}: rt ${name} ${command.usage}`.trimEnd(), {
      remedy,
      // As Docker: a command that could not be run in a container is 125, any other that lacks a word 1.
      ...(!runsProgram(name) && { exitCode: 1 }),
    })
  }
  return { flags: new ParsedFlags(values), words: split.words }
}

const usageMessage = (error: unknown, flags: FlagDefinitions): string => {
  const { message, flags: unknown } = error as { message: string; flags?: string[] }
  const [flag] = unknown ?? []
  if (flag) {
    const names = Object.keys(flags).map((key) => `--${key}`)
    return `There is no flag ${flag}.${flag.startsWith('--') ? didYouMean(flag.split('=', 1)[0] ?? '', names) : ''}`
  }
  const [line = ''] = message.split('\n')
  return line
}
