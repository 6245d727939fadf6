import type { ContainerRecord } from '@rt/runtime'

const NANO = 1e9

/** The part of `inspect`'s HostConfig about limits, in Docker's names and with Docker's values for "not limited". */
export const limitsView = (record: ContainerRecord): Record<string, unknown> => {
  const { cpu = {}, memory = {}, pids, blockIO = {} } = record.spec.linux.resources ?? {}
  const { cpus = '0' } = record.request.spec.limits ?? {}
  // Docker shows --cpus, which is a quota, as NanoCpus only.
  const asCpus = Number(cpus) > 0
  const limit = memory.limit ?? 0
  const rates = (
    flag: 'device-read-bps' | 'device-write-bps' | 'device-read-iops' | 'device-write-iops',
    list: readonly { readonly rate: number }[] = [],
  ) => list.map(({ rate }, index) => ({ Path: path(record.request.spec.limits?.[flag]?.[index]), Rate: rate }))
  return {
    Memory: limit,
    // Docker's default: as much swap again.
    MemorySwap: memory.swap ?? 2 * limit,
    MemoryReservation: memory.reservation ?? 0,
    NanoCpus: asCpus ? Math.round(Number(cpus) * NANO) : 0,
    CpuShares: cpu.shares ?? 0,
    CpuPeriod: asCpus ? 0 : (cpu.period ?? 0),
    CpuQuota: asCpus ? 0 : (cpu.quota ?? 0),
    CpusetCpus: cpu.cpus ?? '',
    CpusetMems: cpu.mems ?? '',
    PidsLimit: pids?.limit ?? null,
    BlkioWeight: blockIO.weight ?? 0,
    BlkioDeviceReadBps: rates('device-read-bps', blockIO.throttleReadBpsDevice),
    BlkioDeviceWriteBps: rates('device-write-bps', blockIO.throttleWriteBpsDevice),
    BlkioDeviceReadIOps: rates('device-read-iops', blockIO.throttleReadIOPSDevice),
    BlkioDeviceWriteIOps: rates('device-write-iops', blockIO.throttleWriteIOPSDevice),
    Devices: (record.request.spec.devices ?? []).map(device),
  }
}

/** Of `/dev/sda:1mb`. */
const path = (flag = ''): string => flag.slice(0, flag.lastIndexOf(':'))

/** Of `HOST[:CONTAINER[:rwm]]`, checked at the start. */
const device = (flag: string): Record<string, string> => {
  const [host = '', second, third] = flag.split(':')
  const onlyAccess = third === undefined && second !== undefined && !second.startsWith('/')
  return {
    PathOnHost: host,
    PathInContainer: onlyAccess ? host : second || host,
    CgroupPermissions: (onlyAccess ? second : third) ?? 'rwm',
  }
}
