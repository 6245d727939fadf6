import type { OciResources, OciThrottle } from '@rt/driver-api'
import { type LimitHost, thisMachine } from './limit-host.ts'
import { checkList, invalid, parseCount, parseSize } from './limit-values.ts'

/** The limit flags of `run`, `create` and `update`: texts as they were given, by their names. */
export interface LimitFlags {
  readonly cpus?: string
  readonly 'cpu-period'?: string
  readonly 'cpu-quota'?: string
  readonly 'cpu-shares'?: string
  readonly 'cpuset-cpus'?: string
  readonly 'cpuset-mems'?: string
  readonly memory?: string
  readonly 'memory-swap'?: string
  readonly 'memory-reservation'?: string
  readonly 'pids-limit'?: string
  readonly 'blkio-weight'?: string
  readonly 'device-read-bps'?: readonly string[]
  readonly 'device-write-bps'?: readonly string[]
  readonly 'device-read-iops'?: readonly string[]
  readonly 'device-write-iops'?: readonly string[]
}

/** Docker's: below it not even the runtime's own first process fits. */
const LEAST_MEMORY = 6 * 1024 * 1024
const DEFAULT_PERIOD = 100_000

/**
 * The limits in the OCI runtime spec's form, by Docker's rules; what is 0 is not limited; undefined: nothing is. Disks are looked up on the host.
 * @throws RtError RT_LIMIT_INVALID with the flag named
 */
export function parseLimits(flags: LimitFlags, host: LimitHost = thisMachine): OciResources | undefined {
  const parts = { cpu: cpu(flags, host), memory: memory(flags), pids: pids(flags), blockIO: blockIo(flags, host) }
  const given = Object.entries(parts).filter(([, part]) => part !== undefined)
  return given.length === 0 ? undefined : (Object.fromEntries(given) as OciResources)
}

function cpu(flags: LimitFlags, host: LimitHost): OciResources['cpu'] {
  const shares = parseCount('--cpu-shares', flags['cpu-shares'], { zero: true, least: 2, most: 262_144 })
  const period = parseCount('--cpu-period', flags['cpu-period'], {
    zero: true,
    least: 1000,
    most: 1_000_000,
    unit: 'microseconds',
  })
  const quota = parseCount('--cpu-quota', flags['cpu-quota'], {
    zero: true,
    minusOne: true,
    least: 1000,
    unit: 'microseconds',
  })
  const share = cpus(flags.cpus, host)
  if (share !== undefined && (period !== undefined || quota !== undefined)) {
    throw invalid(
      `--cpus and --cpu-${quota === undefined ? 'period' : 'quota'} say the same thing twice.`,
      'Give one of them.',
    )
  }
  const list = checkList('--cpuset-cpus', flags['cpuset-cpus'], host.onlineCpus)
  const mems = checkList('--cpuset-mems', flags['cpuset-mems'], host.onlineNodes)
  return some({
    shares,
    quota: share === undefined ? quota : Math.round(share * DEFAULT_PERIOD),
    period: share === undefined ? period : DEFAULT_PERIOD,
    cpus: list,
    mems,
  })
}

/** A number of processors, with a fraction. */
function cpus(text: string | undefined, host: LimitHost): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!/^[0-9]*\.?[0-9]+$/.test(text)) throw invalid(`--cpus: "${text}" is not a number of CPUs.`, 'Write --cpus=1.5.')
  const online = host.onlineCpus().length
  if (value < 0.01 || value > online) {
    throw invalid(
      `--cpus: ${text} CPUs cannot be had: this machine has ${online}, and the least is 0.01.`,
      `Give a number from 0.01 to ${online}.`,
    )
  }
  return value
}

function memory(flags: LimitFlags): OciResources['memory'] {
  const limit = parseSize('--memory', flags.memory)
  const reservation = parseSize('--memory-reservation', flags['memory-reservation'])
  const swap = flags['memory-swap'] === '-1' ? -1 : parseSize('--memory-swap', flags['memory-swap'])
  for (const [flag, value] of [
    ['--memory', limit],
    ['--memory-reservation', reservation],
  ] as const) {
    if (value !== undefined && value < LEAST_MEMORY) {
      throw invalid(
        `${flag}: ${value} bytes are too little for any program: the least is 6 MiB.`,
        `Write ${flag}=6m or more.`,
      )
    }
  }
  if (swap !== undefined && limit === undefined) {
    throw invalid('--memory-swap limits memory and swap together, so it needs --memory.', 'Give --memory, too.')
  }
  if (swap !== undefined && swap !== -1 && limit !== undefined && swap < limit) {
    throw invalid(
      `--memory-swap (${swap}) is memory and swap together, and must not be less than --memory (${limit}).`,
      'Give a larger --memory-swap, or -1 for as much as there is.',
    )
  }
  if (reservation !== undefined && limit !== undefined && reservation > limit) {
    throw invalid(
      `--memory-reservation (${reservation}) is more than --memory (${limit}).`,
      'Give a smaller --memory-reservation.',
    )
  }
  return some({ limit, swap, reservation })
}

function pids(flags: LimitFlags): OciResources['pids'] {
  const limit = parseCount('--pids-limit', flags['pids-limit'], { zero: true, minusOne: true, least: 1 })
  return limit === undefined || limit === -1 ? undefined : { limit }
}

function blockIo(flags: LimitFlags, host: LimitHost): OciResources['blockIO'] {
  const throttles = (name: 'device-read-bps' | 'device-write-bps' | 'device-read-iops' | 'device-write-iops') => {
    const list = (flags[name] ?? []).map((text) => throttle(`--${name}`, text, host))
    return list.length === 0 ? undefined : list
  }
  return some({
    weight: parseCount('--blkio-weight', flags['blkio-weight'], { zero: true, least: 10, most: 1000 }),
    throttleReadBpsDevice: throttles('device-read-bps'),
    throttleWriteBpsDevice: throttles('device-write-bps'),
    throttleReadIOPSDevice: throttles('device-read-iops'),
    throttleWriteIOPSDevice: throttles('device-write-iops'),
  })
}

/** `/dev/sda:1mb`; the rate is of bytes or of operations a second, and 0 lifts it. */
function throttle(flag: string, text: string, host: LimitHost): OciThrottle {
  const colon = text.lastIndexOf(':')
  const [path, rate] = [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)]
  if (colon <= 0 || !path.startsWith('/'))
    throw invalid(
      `${flag}: "${text}" is not a disk and a rate.`,
      `Write ${flag}=/dev/sda:${flag.endsWith('bps') ? '1mb' : '100'}.`,
    )
  const node = host.device(path)
  if (node?.type !== 'b')
    throw invalid(
      `${flag}: ${path} is not a disk of this machine.`,
      'Give the path of a block device, as `lsblk -p` shows them.',
    )
  const value = flag.endsWith('bps') ? parseSize(flag, rate) : parseCount(flag, rate, { zero: true, least: 1 })
  return { major: node.major, minor: node.minor, rate: value ?? 0 }
}

/** The keys that have a value; undefined where none has. */
function some<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } | undefined {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return given.length === 0 ? undefined : (Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> })
}
