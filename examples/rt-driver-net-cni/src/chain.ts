/**
 * `chain add|check|del STATE [NETNS]`: runs a chain of CNI plugins as SPEC.md of CNI says. STATE tells what is asked for, and gets the answer.
 *
 * A program of its own, because it is a step, and one file without imports but Node's, because it is copied beside the states: the last
 * container may end after this package was removed.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

export interface State {
  readonly container: string
  readonly interface: string
  /** CNI_PATH. */
  readonly path: string
  readonly list: {
    readonly cniVersion: string
    readonly name: string
    readonly disableCheck?: boolean
    readonly plugins: readonly { readonly type: string; readonly capabilities?: Readonly<Record<string, boolean>> }[]
  }
  /** The program of each plugin. */
  readonly programs: readonly string[]
  /** What there is for those that have the capability. */
  readonly runtime: Readonly<Record<string, unknown>>
  /** What the last plugin answered. */
  readonly result?: Result
}

/** The part of a result that is read; it is handed on as it is. */
export interface Result {
  readonly interfaces?: readonly {
    readonly name: string
    readonly mac?: string
    readonly mtu?: number
    readonly sandbox?: string
  }[]
  readonly ips?: readonly { readonly address: string; readonly gateway?: string; readonly interface?: number }[]
  readonly dns?: {
    readonly nameservers?: readonly string[]
    readonly domain?: string
    readonly search?: readonly string[]
    readonly options?: readonly string[]
  }
}

type Verb = 'ADD' | 'CHECK' | 'DEL'

const [verb, stateFile = '', given] = process.argv.slice(2)
/** A path that other processes can open, too: plugins hand it on to daemons. */
const netns = given === undefined ? '' : given.replace(/^\/proc\/self\//, `/proc/${process.pid}/`)

const readState = (): State | undefined => {
  try {
    return JSON.parse(readFileSync(stateFile, 'utf8')) as State
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const writeState = (state: State): void => {
  writeFileSync(`${stateFile}.new`, JSON.stringify(state), { mode: 0o600 })
  renameSync(`${stateFile}.new`, stateFile)
}

/** One plugin. Answers what it printed. */
const ask = (state: State, index: number, what: Verb, previous: Result | undefined): Result | undefined => {
  const { list, runtime, programs } = state
  const plugin = list.plugins[index] as State['list']['plugins'][number]
  const { capabilities = {}, ...config } = plugin
  const offered = Object.entries(runtime).filter(([capability]) => capabilities[capability] === true)
  const { status, signal, stdout, stderr, error } = spawnSync(programs[index] ?? '', [], {
    input: JSON.stringify({
      ...config,
      name: list.name,
      cniVersion: list.cniVersion,
      ...(offered.length > 0 && { runtimeConfig: Object.fromEntries(offered) }),
      ...(previous && { prevResult: previous }),
    }),
    encoding: 'utf8',
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      CNI_COMMAND: what,
      CNI_CONTAINERID: state.container,
      CNI_NETNS: netns,
      CNI_IFNAME: state.interface,
      CNI_PATH: state.path,
    },
  })
  if (error) throw new Error(`the plugin ${plugin.type} cannot be run: ${error.message}`)
  if (status !== 0)
    throw new Error(`${plugin.type}: ${reasonOf(stdout, stderr) || `it ended with ${signal ?? status}`}`)
  return stdout.trim() === '' ? undefined : (JSON.parse(stdout) as Result)
}

/** A plugin that fails prints an object with `msg` and `details`. */
const reasonOf = (stdout: string, stderr: string): string => {
  try {
    const { msg = '', details = '' } = JSON.parse(stdout) as { msg?: string; details?: string }
    return [msg, details].filter((text) => text !== '').join(': ')
  } catch {
    // Not even that: one that died said what it could.
    return (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? ''
  }
}

const add = (state: State): void => {
  let result: Result | undefined
  try {
    for (const index of state.list.plugins.keys()) result = ask(state, index, 'ADD', result) ?? result
  } catch (error) {
    // Those that were not asked yet bear to be asked for the end of what they never began.
    del({ ...state, ...(result && { result }) })
    throw error
  }
  writeState({ ...state, result: result ?? {} })
}

/** The namespace has another path in each process that looks at it, and plugins compare. */
const here = (result: Result | undefined): Result | undefined =>
  result && {
    ...result,
    ...(result.interfaces && {
      interfaces: result.interfaces.map((each) => (each.sandbox ? { ...each, sandbox: netns } : each)),
    }),
  }

const check = (state: State): void => {
  // The verb is younger than the oldest lists.
  if (state.list.disableCheck === true || /^0\.3\./.test(state.list.cniVersion)) return
  for (const index of state.list.plugins.keys()) ask(state, index, 'CHECK', here(state.result))
}

/** Asks all of them, whatever each says, and answers what went wrong. */
const del = (state: State): string[] => {
  const previous = /^0\.3\./.test(state.list.cniVersion) ? undefined : state.result
  return [...state.list.plugins.keys()].reverse().flatMap((index) => {
    try {
      ask(state, index, 'DEL', previous)
      return []
    } catch (error) {
      return [(error as Error).message]
    }
  })
}

/**
 * A rule for masquerading is taken back by `bridge` and `ptp` only where they find the interface with its address, and that went with the
 * namespace. They mark the rule with the network's name and the container's id, and it leads to a chain of its own.
 */
const removeMasquerade = ({ container, list }: State): void => {
  for (const family of ['iptables', 'ip6tables']) {
    const saved = spawnSync(`${family}-save`, ['-t', 'nat'], { encoding: 'utf8' })
    if (saved.status !== 0) continue
    const mark = `name: \\"${list.name}\\" id: \\"${container}\\"`
    const rules = saved.stdout.split('\n').filter((line) => line.startsWith('-A POSTROUTING ') && line.includes(mark))
    const chains = new Set(rules.flatMap((rule) => / -j (CNI-\w+)/.exec(rule)?.[1] ?? []))
    if (rules.length === 0) continue
    const batch = [
      '*nat',
      ...rules.map((rule) => rule.replace(/^-A/, '-D')),
      ...[...chains].flatMap((chain) => [`-F ${chain}`, `-X ${chain}`]),
      'COMMIT',
      '',
    ]
    const { status, stderr } = spawnSync(`${family}-restore`, ['--noflush', '-w'], {
      input: batch.join('\n'),
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`${family}-restore: ${stderr.trim().split('\n').at(-1)}`)
  }
}

const run = (): void => {
  const state = readState()
  if (verb === 'del') {
    // Done already.
    if (state === undefined) return
    const problems = del(state)
    // Kept for the next try.
    if (problems.length > 0) throw new Error(problems.join('; '))
    removeMasquerade(state)
    rmSync(stateFile, { force: true })
    return
  }
  if (state === undefined) throw new Error(`${stateFile} is not there`)
  if (verb === 'add') add(state)
  else if (verb === 'check') check(state)
  else throw new Error('chain add|check|del STATE [NETNS]')
}

try {
  run()
} catch (error) {
  console.error((error as Error).message.split('\n').join(' '))
  process.exitCode = 1
}
