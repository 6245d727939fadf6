import { boolean, string } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import { isTerminal } from '@rt/native'
import { type ExecRequest, parseEnvFile } from '@rt/runtime'
import type { ParsedFlags, RtCommand } from '../command.ts'
import { connectionFlags, programFlags } from '../flags/program.ts'
import { readText } from '../flags/read-text.ts'
import { execHandlers } from '../handlers.ts'

export const command: RtCommand = {
  summary: 'Run a command in a running container',
  description:
    "A person at a terminal gets a terminal (-it). The exit status is the command's; 1: the container is not running, 126: the command cannot be executed, 127: not found, 128+n: ended by signal n.",
  usage: '[OPTIONS] CONTAINER COMMAND [ARG...]',
  examples: ['rt exec box ps', 'rt exec -it box sh', 'rt exec -d -u www-data -w /srv box ./worker'],
  flags: {
    ...connectionFlags,
    detach: boolean({ char: 'd', summary: 'leave it to itself as soon as it runs' }),
    ...programFlags,
    privileged: boolean({ summary: 'all capabilities, and no system call filter' }),
    'detach-keys': string({ summary: 'what to type to leave it: ctrl-p,ctrl-q', helpValue: 'KEYS' }),
  },
  words: { least: 2, most: Number.POSITIVE_INFINITY, stopAtWord: true },
  run: async ({ flags, words, runtime }) => {
    const request = execRequest(flags, words)
    const rt = await runtime()
    return rt.inPlace.exec(request, execHandlers(rt))
  },
}

/** As `docker exec`: standard input only where it is asked for, so that a loop that reads its lines keeps them. */
const streams = (flags: ParsedFlags): Pick<ExecRequest, 'tty' | 'stdin' | 'detach'> => {
  const detach = flags.on('detach')
  const interactive = flags.given('interactive')
  const tty = flags.given('tty')
  const person = !detach && isTerminal(0) && isTerminal(1)
  if (interactive === undefined && tty === undefined && person) return { tty: true, stdin: 'inherit', detach }
  if (tty && interactive && !detach && !isTerminal(0))
    throw new RtError('RT_USAGE', '-t was asked for, but standard input is not a terminal', {
      remedy: 'Leave out -t, or run it in a terminal.',
      exitCode: 1,
    })
  return { tty: tty ?? false, stdin: interactive && !detach ? 'inherit' : 'null', detach }
}

/** @throws RtError RT_USAGE */
const execRequest = (flags: ParsedFlags, words: readonly string[]): ExecRequest => {
  const [container = '', program = '', ...args] = words
  const workdir = flags.text('workdir')
  const user = flags.text('user')
  const detachKeys = flags.text('detach-keys')
  return {
    container,
    command: [program, ...args],
    ...streams(flags),
    env: flags.texts('env'),
    envFiles: flags.texts('env-file').flatMap((path) => parseEnvFile(readText(path, '--env-file'), path, process.env)),
    ...(workdir !== undefined && { workdir }),
    ...(user !== undefined && { user }),
    privileged: flags.on('privileged'),
    ...(detachKeys !== undefined && { detachKeys }),
  }
}
