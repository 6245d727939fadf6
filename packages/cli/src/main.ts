import { didYouMean, isRtError, RtError } from '@rt/driver-api'
import type { RtCommand } from './command.ts'
import { commands } from './commands/index.ts'
import { complain, print } from './output.ts'
import { runsProgram } from './runs-program.ts'

declare const RT_VERSION: string

/** Flags that may stand before the command; they are the command's own as well. */
const LEADING = /^--(root|run-root)(=.*)?$/

/** Takes the command's name out of the line: `rt --root=/x run busybox` is `rt run --root=/x busybox`. */
const findCommand = (argv: readonly string[]): { name: string | undefined; leading: string[]; rest: string[] } => {
  let at = 0
  while (LEADING.test(argv[at] ?? '')) at += argv[at]?.includes('=') ? 1 : 2
  return { name: argv[at], leading: argv.slice(0, at), rest: argv.slice(at + 1) }
}

const dispatch = async (argv: readonly string[]): Promise<number> => {
  const { name, leading, rest } = findCommand(argv)
  if (name === '--version' || name === 'version') {
    print(`rt ${RT_VERSION}`)
    return 0
  }
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return showHelp(rest)
  if (!commands[name] && /^(-h|--help)$/.test(rest[0] ?? '')) return showHelp([name])
  const [command, fullName, words] = await resolve(name, rest)
  const { parse } = await import('./parse.ts')
  const { flags, words: positional } = await parse(fullName, command, [...leading, ...words])
  if (flags.on('help')) return showHelp(fullName.split(' '))
  return (
    (await command.run({
      flags,
      words: positional,
      runtime: async () => (await import('./open-runtime.ts')).openRuntime(flags),
    })) ?? 0
  )
}

/** A command, or a command of a topic (`drivers ls`). @throws RtError RT_USAGE */
const resolve = async (name: string, rest: string[]): Promise<[RtCommand, string, string[]]> => {
  const load = commands[name]
  if (load) return [await load(), name, rest]
  const inTopic = Object.keys(commands).filter((key) => key.startsWith(`${name} `))
  const [sub = '', ...others] = rest
  const loadSub = commands[`${name} ${sub}`]
  if (loadSub) return [await loadSub(), `${name} ${sub}`, others]
  if (inTopic.length > 0)
    throw new RtError(
      'RT_USAGE',
      `rt ${name} needs one of: ${inTopic
        .filter(isFirst)
        .map((key) => key.slice(name.length + 1))
        .join(', ')}`,
    )
  const known = Object.keys(commands).filter((key) => !key.startsWith('_') && !/^(container|image) /.test(key))
  throw new RtError('RT_USAGE', `rt has no command "${name}".${didYouMean(name, known)}`)
}

/** Other words for the same command are not worth naming. */
const isFirst = (key: string, _: number, keys: readonly string[]): boolean =>
  keys.findIndex((other) => commands[other] === commands[key]) === keys.indexOf(key)

const showHelp = async (words: readonly string[]): Promise<number> => (await import('./help.ts')).showHelp(words)

/** Docker's: what could not be done is 1 where no program would have run, a line that nobody understands 125 everywhere. Hidden commands are parts of others. */
const exitCodeOf = ({ code, exitCode }: RtError, argv: readonly string[]): number => {
  const { name = '', rest } = findCommand(argv)
  const runs = name.startsWith('_') || runsProgram(name === 'container' ? `${name} ${rest[0]}` : name)
  return exitCode === 125 && code !== 'RT_USAGE' && !runs ? 1 : exitCode
}

const report = async (error: unknown, argv: readonly string[]): Promise<number> => {
  const known = isRtError(error)
    ? error
    : ((await import('./system-error.ts')).systemError(error) ??
      new RtError('RT_INTERNAL', error instanceof Error ? error.message : String(error), { cause: error }))
  complain(`rt: ${known.message} [${known.code}]`)
  if (known.remedy) complain(`  ${known.remedy}`)
  if (/(^|,)rt(\*|:|,|$)/.test(process.env.DEBUG ?? '')) complain(String((error as Error | undefined)?.stack ?? error))
  return exitCodeOf(known, argv)
}

const argv = process.argv.slice(2)
dispatch(argv).then(
  (code) => {
    process.exitCode = code
  },
  async (error: unknown) => {
    process.exitCode = await report(error, argv)
  },
)
