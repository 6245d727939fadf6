import { accessSync, existsSync, constants as fsConstants, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { boolean, string } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import { isTerminal } from '@rt/native'
import type { FlagDefinitions, ParsedFlags, RtCommand } from '../command.ts'
import { deviceFlags, limitFlags } from '../flags/limit.ts'
import { containerFlags } from '../flags/run.ts'
import { flagWords } from '../flags/words.ts'
import { openRuntime } from '../open-runtime.ts'
import { complain, print, printJson } from '../output.ts'

/** Flags of a run that every one of its containers gets. The others say how it is connected, called or kept, which is not for the user here. */
const SHARED = [
  ...['env', 'env-file', 'workdir', 'user', 'hostname', 'volume', 'read-only', 'tmpfs', 'add-host', 'own-hosts'],
  ...['dns', 'dns-search', 'dns-option', 'cap-add', 'cap-drop', 'lxcfs', 'security-opt', 'pull', 'platform'],
  ...['init', 'ulimit', 'oom-score-adj', 'sysctl', 'shm-size'],
  ...Object.keys({ ...limitFlags, ...deviceFlags }),
]
const sharedFlags: FlagDefinitions = Object.fromEntries(
  Object.entries(containerFlags).filter(([name]) => SHARED.includes(name)),
)

const axisFlag = (axis: string, example: string) =>
  string({
    summary: `${axis} drivers, as in ${example}; the configured one where none is given`,
    helpValue: 'NAME,...',
  })

const ownFlags: FlagDefinitions = {
  network: string({
    aliases: ['net'],
    summary: 'network drivers or networks, as in none,host,bridge; the configured one where none is given',
    helpValue: 'NAME,...',
  }),
  storage: axisFlag('storage', 'copy,overlay'),
  isolation: axisFlag('isolation', 'namespaces'),
  repeat: string({ summary: 'how often the command runs under each (3)', helpValue: 'NUMBER' }),
  outside: string({
    summary:
      "who is outside, reached by TCP; the next hop of the host's default route, by a ping, where it is not given",
    helpValue: 'HOST:PORT',
  }),
  json: boolean({ summary: 'print everything as JSON' }),
  html: string({ summary: 'write one self-contained page', helpValue: 'FILE' }),
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Somebody does not want to wait; the containers are taken away first. */
class Interrupted extends Error {
  readonly exitCode: number

  constructor(signal: NodeJS.Signals) {
    super(signal)
    this.exitCode = 128 + constants.signals[signal]
  }
}

/** @throws RtError RT_USAGE */
const repeatOf = (flags: ParsedFlags): number => {
  const text = flags.text('repeat') ?? '3'
  const repeat = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (repeat < 1)
    throw new RtError('RT_USAGE', `--repeat="${text}" is not a number of runs`, {
      remedy: 'Give a number from 1 to 9999.',
    })
  return repeat
}

/** Before all the work. @throws RtError RT_PATH_UNFIT */
const checkPage = (file: string): void => {
  try {
    accessSync(existsSync(file) ? file : dirname(file), fsConstants.W_OK)
    if (existsSync(file) && statSync(file).isDirectory()) throw new Error(`${file} is a directory`)
  } catch (error) {
    throw new RtError('RT_PATH_UNFIT', `The page cannot be written: ${(error as Error).message}`, { cause: error })
  }
}

/** @throws RtError RT_PATH_UNFIT */
const writePage = (file: string, page: string): void => {
  try {
    writeFileSync(file, page)
  } catch (error) {
    throw new RtError('RT_PATH_UNFIT', `The page cannot be written: ${(error as Error).message}`, { cause: error })
  }
}

export const command: RtCommand = {
  summary: 'Run one command under several drivers, and show what differs',
  description:
    'Every network driver with every storage driver with every isolation driver that is named. Exit status, output, time, disk, memory; what a container of each shares with the host and whom it reaches; the steps that only one of them does. All of it is seen in real containers, which are taken away again.',
  usage: '[OPTIONS] IMAGE COMMAND [ARG...]',
  examples: [
    "rt compare --network=none,host,bridge busybox sh -c 'ip addr; ip route'",
    'rt compare --storage=copy,overlay --repeat=10 busybox true',
    'rt compare --network=none,host,bridge --html=networks.html busybox ip addr',
  ],
  flags: { ...ownFlags, ...sharedFlags },
  words: { least: 1, most: Number.POSITIVE_INFINITY, stopAtWord: true },
  run: async ({ flags, words }) => {
    // These two name several drivers, of which the config would want one.
    const plain = ['network', 'storage', 'isolation'].reduce((rest, axis) => rest.with(axis, false), flags)
    const rt = await openRuntime(plain)
    const { AXES, compare, parseAxis, toPage, toTable } = await import('../compare/index.ts')
    const configured = rt.driverNames()
    const axis = (each: (typeof AXES)[number]): string[] => parseAxis(each, flags.text(each), configured[each])
    const [image = '', ...rest] = words
    const outside = flags.text('outside')
    const file = flags.text('html')
    if (file !== undefined) checkPage(file)
    const stop = new AbortController()
    const interrupt = (signal: NodeJS.Signals): void => stop.abort(new Interrupted(signal))
    for (const signal of SIGNALS) process.on(signal, interrupt)
    try {
      const comparison = await compare(rt, {
        image,
        command: rest,
        flags: flagWords(flags, Object.keys(sharedFlags)),
        axes: { network: axis('network'), storage: axis('storage'), isolation: axis('isolation') },
        repeat: repeatOf(flags),
        ...(outside !== undefined && { outside }),
        signal: stop.signal,
        tell: isTerminal(2) ? (line) => complain(`rt: ${line}`) : () => {},
      })
      if (file !== undefined) writePage(file, toPage(comparison))
      if (flags.on('json')) printJson(comparison)
      else if (file === undefined) print(toTable(comparison))
      return comparison.columns.some(({ results }) => results) ? 0 : 1
    } catch (error) {
      if (error instanceof Interrupted) return error.exitCode
      throw error
    } finally {
      for (const signal of SIGNALS) process.off(signal, interrupt)
    }
  },
}
