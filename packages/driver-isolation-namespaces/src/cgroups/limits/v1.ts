import type { OciResources, OciThrottle } from '@rt/driver-api'
import { type Controller, type Setting, type SettingContext, unsupported } from './setting.ts'

type Make = (resources: OciResources, context: SettingContext) => Setting[]

const doc = (name: string): string => `https://docs.kernel.org/admin-guide/cgroup-v1/${name}.html`
const UNLIMITED = 2 ** 62

/** The interface files of cgroup v1, in the order in which the kernel takes them. */
export const SETTINGS_V1: Readonly<Record<Controller, Make>> = { memory, cpu, cpuset, pids, blkio }

function memory({ memory = {} }: OciResources, context: SettingContext): Setting[] {
  const see = doc('memory')
  const { limit, swap, reservation } = memory
  const settings: Setting[] = []
  if (limit !== undefined) {
    settings.push({
      flag: '--memory',
      file: 'memory.limit_in_bytes',
      value: String(limit),
      why: 'At this limit the kernel first takes page cache back, then kills a process of the container.',
      see,
    })
  }
  const total = swapTotal(limit, swap, context)
  if (total !== undefined) {
    const both: Setting = {
      flag: '--memory-swap',
      file: 'memory.memsw.limit_in_bytes',
      value: String(total),
      why: 'Memory and swap together, so that a container does not fill the swap of all when its memory is full.',
      see,
    }
    // At any moment the limit of memory may not be above the one of memory and swap together.
    if (grows(total, context.current('memory.memsw.limit_in_bytes'))) settings.unshift(both)
    else settings.push(both)
  }
  if (reservation !== undefined) {
    settings.push({
      flag: '--memory-reservation',
      file: 'memory.soft_limit_in_bytes',
      value: String(reservation),
      why: 'When the machine is short of memory, it is taken first from groups that have more than their reservation.',
      see,
    })
  }
  return settings
}

/** Docker's default: as much swap again as memory. */
function swapTotal(limit: number | undefined, swap: number | undefined, context: SettingContext): number | undefined {
  if (swap !== undefined) return swap
  if (limit === undefined) return undefined
  if (context.has('memory.memsw.limit_in_bytes') !== false) return limit < 0 ? -1 : 2 * limit
  context.warn('The kernel does not count swap, so --memory limits memory only, not swap.')
  return undefined
}

const grows = (total: number, current: string | undefined): boolean => {
  const now = current === undefined ? UNLIMITED : Number(current)
  return now < UNLIMITED && (total < 0 || total > now)
}

function cpu({ cpu = {} }: OciResources): Setting[] {
  const see = 'https://docs.kernel.org/scheduler/sched-bwc.html'
  const settings: Setting[] = []
  if (cpu.shares !== undefined) {
    settings.push({
      flag: '--cpu-shares',
      file: 'cpu.shares',
      value: String(cpu.shares),
      why: 'When processors are short, groups share them by these weights; 1024 is what everybody has.',
      see: 'https://docs.kernel.org/scheduler/sched-design-CFS.html',
    })
  }
  if (cpu.period !== undefined) {
    settings.push({
      flag: '--cpu-period',
      file: 'cpu.cfs_period_us',
      value: String(cpu.period),
      why: 'The quota is given anew in each period of so many microseconds.',
      see,
    })
  }
  if (cpu.quota !== undefined) {
    settings.push({
      flag: '--cpus',
      file: 'cpu.cfs_quota_us',
      value: String(cpu.quota),
      why: 'So many microseconds may all its processes together run in a period; then they wait for the next one.',
      see,
    })
  }
  return settings
}

/** A new group has neither processors nor memory nodes, and takes no process before it has both. */
function cpuset({ cpu = {} }: OciResources, context: SettingContext): Setting[] {
  const see = doc('cpusets')
  const inherited = (file: string): string => (context.current(file) || context.parent(file) || '0').trim()
  return [
    {
      flag: '--cpuset-cpus',
      file: 'cpuset.cpus',
      value: cpu.cpus ?? inherited('cpuset.cpus'),
      why: 'The processors on which the container may run.',
      see,
    },
    {
      flag: '--cpuset-mems',
      file: 'cpuset.mems',
      value: cpu.mems ?? inherited('cpuset.mems'),
      why: 'The memory nodes that it may use; a group without any would take no process.',
      see,
    },
  ]
}

function pids({ pids }: OciResources): Setting[] {
  if (pids === undefined) return []
  return [
    {
      flag: '--pids-limit',
      file: 'pids.max',
      value: pids.limit < 0 ? 'max' : String(pids.limit),
      why: 'Processes and threads are counted, so that a fork bomb fills its own group and not the machine.',
      see: doc('pids'),
    },
  ]
}

function blkio({ blockIO = {} }: OciResources, context: SettingContext): Setting[] {
  const see = doc('blkio-controller')
  const settings: Setting[] = []
  if (blockIO.weight !== undefined) {
    const bfq = context.has('blkio.weight') !== true && context.has('blkio.bfq.weight') !== false
    settings.push({
      flag: '--blkio-weight',
      file: bfq ? 'blkio.bfq.weight' : 'blkio.weight',
      value: String(blockIO.weight),
      why: 'When a disk is busy, groups share it by these weights.',
      see,
      failure: { ENOENT: unsupported('--blkio-weight', 'blkio', 'no I/O scheduler of this kernel has weights') },
    })
  }
  const rates = (flag: string, file: string, list: readonly OciThrottle[] = []): void => {
    for (const { major, minor, rate } of list) {
      settings.push({
        flag,
        file: `blkio.throttle.${file}_device`,
        value: `${major}:${minor} ${rate}`,
        why: 'Requests to this disk wait once the container has had its share of the second.',
        see,
      })
    }
  }
  rates('--device-read-bps', 'read_bps', blockIO.throttleReadBpsDevice)
  rates('--device-write-bps', 'write_bps', blockIO.throttleWriteBpsDevice)
  rates('--device-read-iops', 'read_iops', blockIO.throttleReadIOPSDevice)
  rates('--device-write-iops', 'write_iops', blockIO.throttleWriteIOPSDevice)
  return settings
}
