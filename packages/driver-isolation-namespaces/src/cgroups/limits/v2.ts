import { type OciResources, type OciThrottle, RtError } from '@rt/driver-api'
import { type Controller, type Setting, type SettingContext, unsupported } from './setting.ts'
import { cpuWeight, ioWeight } from './weights.ts'

type Make = (resources: OciResources, context: SettingContext) => Setting[]

const see = (part: string): string => `https://docs.kernel.org/admin-guide/cgroup-v2.html#${part}`
const orMax = (value: number): string => (value < 0 ? 'max' : String(value))

/** The interface files of cgroup v2. */
export const SETTINGS_V2: Readonly<Record<Controller, Make>> = { memory, cpu, cpuset, pids, blkio }

function memory({ memory = {} }: OciResources, context: SettingContext): Setting[] {
  const { limit, swap, reservation } = memory
  const settings: Setting[] = []
  if (limit !== undefined) {
    refuseBelowUse(limit, context)
    settings.push({
      flag: '--memory',
      file: 'memory.max',
      value: orMax(limit),
      why: 'At this limit the kernel first takes page cache back, then kills a process of the container.',
      see: see('memory'),
    })
  }
  const above = swapAbove(limit, swap, context)
  if (above !== undefined) {
    settings.push({
      flag: '--memory-swap',
      file: 'memory.swap.max',
      value: orMax(above),
      why: 'v2 counts swap apart from memory: this is what --memory-swap is above --memory.',
      see: see('memory'),
    })
  }
  if (reservation !== undefined) {
    settings.push({
      flag: '--memory-reservation',
      file: 'memory.low',
      value: reservation < 0 ? '0' : String(reservation),
      why: 'As long as others have more to give, the kernel does not take this much away.',
      see: see('memory'),
    })
  }
  return settings
}

/** Docker's default: as much swap again as memory. */
function swapAbove(limit: number | undefined, swap: number | undefined, context: SettingContext): number | undefined {
  if (swap !== undefined) return swap < 0 ? -1 : Math.max(0, swap - Math.max(0, limit ?? 0))
  if (limit === undefined) return undefined
  if (context.has('memory.swap.max') !== false) return limit
  context.warn('The kernel does not count swap, so --memory limits memory only, not swap.')
  return undefined
}

/** Where v1 says EBUSY, v2 obeys and kills: what runs well is not to be killed by an `update`. */
function refuseBelowUse(limit: number, context: SettingContext): void {
  const all = Number(context.current('memory.current') ?? 0)
  const [, cache = '0'] = /^inactive_file (\d+)$/m.exec(context.current('memory.stat') ?? '') ?? []
  const used = all - Number(cache)
  if (limit < 0 || used <= limit) return
  throw new RtError('RT_LIMIT_BUSY', `--memory: the container uses ${used} bytes now, which is more than ${limit}.`)
}

function cpu({ cpu = {} }: OciResources): Setting[] {
  const settings: Setting[] = []
  if (cpu.shares !== undefined) {
    settings.push({
      flag: '--cpu-shares',
      file: 'cpu.weight',
      value: String(cpuWeight(cpu.shares)),
      why: 'When processors are short, groups share them by these weights; 100 is what everybody has (1024 shares).',
      see: see('cpu'),
    })
  }
  if (cpu.quota !== undefined || cpu.period !== undefined) {
    settings.push({
      flag: cpu.quota === undefined ? '--cpu-period' : '--cpus',
      file: 'cpu.max',
      value: `${orMax(cpu.quota ?? -1)} ${cpu.period ?? 100_000}`,
      why: 'Quota and period in microseconds: so long may all its processes together run in a period; then they wait.',
      see: see('cpu'),
    })
  }
  return settings
}

function cpuset({ cpu = {} }: OciResources): Setting[] {
  const set = (flag: string, file: string, value: string | undefined, why: string): Setting[] =>
    value === undefined ? [] : [{ flag, file, value, why, see: see('cpuset') }]
  return [
    ...set('--cpuset-cpus', 'cpuset.cpus', cpu.cpus, 'The processors on which the container may run.'),
    ...set('--cpuset-mems', 'cpuset.mems', cpu.mems, 'The memory nodes that it may use.'),
  ]
}

function pids({ pids }: OciResources): Setting[] {
  if (pids === undefined) return []
  return [
    {
      flag: '--pids-limit',
      file: 'pids.max',
      value: orMax(pids.limit),
      why: 'Processes and threads are counted, so that a fork bomb fills its own group and not the machine.',
      see: see('pid'),
    },
  ]
}

function blkio({ blockIO = {} }: OciResources, context: SettingContext): Setting[] {
  const settings: Setting[] = []
  if (blockIO.weight !== undefined) {
    const bfq = context.has('io.bfq.weight') === true
    settings.push({
      flag: '--blkio-weight',
      file: bfq ? 'io.bfq.weight' : 'io.weight',
      value: String(bfq ? blockIO.weight : ioWeight(blockIO.weight)),
      why: 'When a disk is busy, groups share it by these weights.',
      see: see('io'),
      failure: { ENOENT: unsupported('--blkio-weight', 'io', 'no I/O scheduler of this kernel has weights') },
    })
  }
  const rates = (flag: string, key: string, list: readonly OciThrottle[] = []): void => {
    for (const { major, minor, rate } of list) {
      settings.push({
        flag,
        file: 'io.max',
        value: `${major}:${minor} ${key}=${rate === 0 ? 'max' : rate}`,
        why: 'Requests to this disk wait once the container has had its share of the second.',
        see: see('io'),
      })
    }
  }
  rates('--device-read-bps', 'rbps', blockIO.throttleReadBpsDevice)
  rates('--device-write-bps', 'wbps', blockIO.throttleWriteBpsDevice)
  rates('--device-read-iops', 'riops', blockIO.throttleReadIOPSDevice)
  rates('--device-write-iops', 'wiops', blockIO.throttleWriteIOPSDevice)
  return settings
}
