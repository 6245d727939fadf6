import { existsSync } from 'node:fs'
import { type HostStep, RtError } from '@rt/driver-api'
import { addCount } from '../sys/count.ts'
import { lock } from '../sys/lock.ts'
import { searchPath } from '../sys/program.ts'

type ExecStep = HostStep & { readonly op: 'exec' }

/** Debian's packages of the programs that drivers call. */
const PACKAGES: Readonly<Record<string, string>> = {
  iptables: 'iptables',
  'iptables-restore': 'iptables',
  'iptables-save': 'iptables',
  ip6tables: 'iptables',
  'ip6tables-restore': 'iptables',
  'ip6tables-save': 'iptables',
  nft: 'nftables',
  ip: 'iproute2',
  conntrack: 'conntrack',
  btrfs: 'btrfs-progs',
  slirp4netns: 'slirp4netns',
}

/**
 * The standard output of a program that only looks. No shell: argv as it is.
 * Errors: RT_TOOL_MISSING, RT_STEP_FAILED with the last line that the program wrote to stderr.
 */
export const capture = (...argv: readonly [string, ...string[]]): string =>
  runProgram({ where: 'host', op: 'exec', argv, why: 'Looks, and changes nothing.' })

/**
 * Runs a program to its end, under its lock where it has one, and answers its standard output. `netns`: becomes its descriptor 3.
 * Errors: as `capture`.
 */
export const runProgram = (step: ExecStep, netns?: { readonly fd: number }): string => {
  const held = step.lock === undefined ? undefined : lock(step.lock)
  try {
    if (step.when !== undefined && !holds(step.when)) return ''
    const { stdout, succeeded } = spawnProgram(step, netns)
    if (succeeded && held !== undefined && step.counts !== undefined) addCount(held.fd, step.counts)
    return stdout
  } finally {
    held?.release()
  }
}

const holds = (when: NonNullable<ExecStep['when']>): boolean =>
  'exists' in when ? existsSync(when.exists) : !existsSync(when.missing)

const spawnProgram = (
  step: ExecStep,
  netns: { readonly fd: number } | undefined,
): { readonly stdout: string; readonly succeeded: boolean } => {
  // Most runs start no program at all, and child_process is 2 ms to load.
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const [program, ...rest] = step.argv
  const { status, signal, error, stdout, stderr } = spawnSync(program, rest, {
    input: step.stdin ?? '',
    encoding: 'utf8',
    env: { ...process.env, PATH: searchPath(), LC_ALL: 'C' },
    maxBuffer: 1 << 28,
    ...(netns && { stdio: ['pipe', 'pipe', 'pipe', netns.fd] }),
  })
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') throw missing(program)
  // The program's own status says more than that it did not read all of its input.
  if (error !== undefined && (error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  if (status === 0 || step.allowFailure === true) return { stdout, succeeded: status === 0 }
  const end = signal === null ? `exit status ${status}` : signal
  const said = lastLine(stderr)
  throw new RtError('RT_STEP_FAILED', `${step.argv.join(' ')} failed (${end})${said === '' ? '.' : `: ${said}`}`)
}

export const missing = (program: string): RtError => {
  const name = program.slice(program.lastIndexOf('/') + 1)
  const found = PACKAGES[name]
  return new RtError('RT_TOOL_MISSING', `The program ${program} is not installed.`, {
    remedy: found === undefined ? `Install ${name}.` : `Install the package ${found}: apt-get install ${found}`,
  })
}

export const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? ''
