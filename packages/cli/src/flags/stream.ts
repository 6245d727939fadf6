import { boolean, string } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import type { ClientOptions } from '@rt/native'
import { DEFAULT_DETACH_KEYS, type LogOptions, parseDetachKeys, type RestartPolicy, type RunRequest } from '@rt/runtime'
import type { FlagDefinitions, ParsedFlags } from '../command.ts'
import { many } from './many.ts'

/** What becomes of a container's output and of the container when it ends. */
export const streamFlags: FlagDefinitions = {
  restart: string({ summary: 'no, on-failure[:MAX], always, unless-stopped', helpValue: 'POLICY' }),
  'log-driver': string({ summary: 'json-file or none', helpValue: 'DRIVER' }),
  'log-opt': string({
    summary: 'max-size=10m, max-file=3',
    helpValue: 'NAME=VALUE',
    ...many,
  }),
}

/** How the caller stands before a container. */
export const clientFlags: FlagDefinitions = {
  'detach-keys': string({ summary: 'what lets go of its terminal (ctrl-p,ctrl-q)', helpValue: 'KEYS' }),
  'sig-proxy': boolean({ summary: 'pass signals on to it (the default)', allowNo: true }),
}

const usage = (message: string, remedy: string): RtError => new RtError('RT_USAGE', message, { remedy })

/** @throws RtError RT_USAGE */
export const streamRequest = (flags: ParsedFlags): Pick<RunRequest, 'restart' | 'log'> => {
  const restart = restartPolicy(flags.text('restart'))
  if (restart && restart.name !== 'no' && flags.on('rm'))
    throw usage('--restart and --rm contradict each other', 'Leave out one of them.')
  const log = logOptions(flags.text('log-driver'), flags.texts('log-opt'))
  return { ...(restart && { restart }), ...(log && { log }) }
}

/** @throws RtError RT_USAGE */
export const restartPolicy = (text: string | undefined): RestartPolicy | undefined => {
  if (text === undefined || text === '') return undefined
  const [, name, max] = /^(no|always|unless-stopped|on-failure(?=:\d{1,9}$|$))(?::(\d+))?$/.exec(text) ?? []
  if (name === undefined || (max !== undefined && name !== 'on-failure'))
    throw usage(
      `--restart "${text}" is not a restart policy`,
      'Use no, on-failure, on-failure:MAX, always or unless-stopped.',
    )
  const limit = max === undefined || Number(max) === 0 ? {} : { max: Number(max) }
  return { name: name as RestartPolicy['name'], ...limit }
}

const logOptions = (driver: string | undefined, options: readonly string[]): LogOptions | undefined => {
  if (driver === undefined && options.length === 0) return undefined
  if (driver !== undefined && driver !== 'json-file' && driver !== 'none')
    throw usage(`There is no log driver "${driver}"`, 'Use json-file or none.')
  if (driver === 'none') {
    if (options.length > 0) throw usage('The log driver none has no options', 'Leave out --log-opt.')
    return { driver }
  }
  let sizes: { maxSize?: number; maxFile?: number } = {}
  for (const option of options) {
    const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(option) ?? []
    if (name === 'max-size') sizes = { ...sizes, maxSize: bytes(value, option) }
    else if (name === 'max-file' && /^[1-9]\d{0,4}$/.test(value)) sizes = { ...sizes, maxFile: Number(value) }
    else if (name === 'max-file') throw usage(`--log-opt "${option}" is not a number of files`, 'Use 1 or more.')
    else throw usage(`--log-opt "${option}" is not known`, 'Use max-size=SIZE and max-file=NUMBER.')
  }
  return { driver: 'json-file', ...sizes }
}

/** Decimal units, as in Docker's log options. */
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 }

const bytes = (text: string, option: string): number => {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([kmg]?)b?$/i.exec(text) ?? []
  const size = Math.floor(Number(digits) * (UNITS[unit.toLowerCase()] ?? 0))
  if (digits === '' || size < 1 || !Number.isSafeInteger(size))
    throw usage(`--log-opt "${option}" is not a size`, 'Use a number and k, m or g, as in max-size=10m.')
  return size
}

/** @throws RtError RT_USAGE */
export const clientOptions = (flags: ParsedFlags): Omit<ClientOptions, 'stdin'> => {
  const keys = flags.text('detach-keys')
  return {
    sigProxy: flags.given('sig-proxy') ?? true,
    detachKeys: keys === undefined ? DEFAULT_DETACH_KEYS : parseDetachKeys(keys),
  }
}

/** Which of a new container's streams the caller has. */
export const attachFlags: FlagDefinitions = {
  attach: string({
    char: 'a',
    summary: 'have only these of its streams: stdin, stdout, stderr',
    helpValue: 'STREAM',
    ...many,
  }),
}

/** `-a` as far as it is about output; undefined: all of it. @throws RtError RT_USAGE */
export const attached = (
  flags: ParsedFlags,
): Pick<ClientOptions, 'stdout' | 'stderr'> & { readonly stdin: boolean } => {
  const streams = flags.texts('attach').map((name) => name.toLowerCase())
  const wrong = streams.find((name) => !['stdin', 'stdout', 'stderr'].includes(name))
  if (wrong !== undefined) throw usage(`--attach "${wrong}" is no stream`, 'Use stdin, stdout or stderr.')
  if (streams.length > 0 && flags.on('detach')) throw usage('-a and -d contradict each other', 'Leave out one of them.')
  if (streams.length === 0) return { stdin: true }
  return { stdin: streams.includes('stdin'), stdout: streams.includes('stdout'), stderr: streams.includes('stderr') }
}
