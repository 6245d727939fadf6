import { type OciResources, RtError } from '@rt/driver-api'
import { type CgroupHost, inDirectory } from '../host.ts'
import type { CgroupLayout } from '../layout.ts'
import type { Controller } from './setting.ts'

/** Where a controller lives on this host. */
export interface Hierarchy {
  readonly version: 1 | 2
  readonly path: string
}

export const CONTROLLERS: readonly Controller[] = ['cpuset', 'cpu', 'memory', 'pids', 'blkio']

/** The flags whose limits a controller sets, as far as they were given, in the order in which messages name them. */
export const FLAGS: Readonly<Record<Controller, (resources: OciResources) => readonly string[]>> = {
  memory: ({ memory = {} }) =>
    given({ memory: memory.limit, 'memory-swap': memory.swap, 'memory-reservation': memory.reservation }),
  cpu: ({ cpu = {} }) => given({ cpus: cpu.quota, 'cpu-period': cpu.period, 'cpu-shares': cpu.shares }),
  cpuset: ({ cpu = {} }) => given({ 'cpuset-cpus': cpu.cpus, 'cpuset-mems': cpu.mems }),
  pids: ({ pids }) => given({ 'pids-limit': pids?.limit }),
  blkio: ({ blockIO = {} }) =>
    given({
      'blkio-weight': blockIO.weight,
      'device-read-bps': blockIO.throttleReadBpsDevice?.[0],
      'device-write-bps': blockIO.throttleWriteBpsDevice?.[0],
      'device-read-iops': blockIO.throttleReadIOPSDevice?.[0],
      'device-write-iops': blockIO.throttleWriteIOPSDevice?.[0],
    }),
}

const given = (flags: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(flags)
    .filter((name) => flags[name] !== undefined)
    .map((name) => `--${name}`)

/** A controller belongs to one hierarchy only: to a v1 one where it is mounted as such, to the unified one otherwise. */
export function hierarchyOf(controller: Controller, layout: CgroupLayout, host: CgroupHost): Hierarchy | undefined {
  const v1 = layout.controllers.get(controller)
  if (v1 !== undefined) return { version: 1, path: v1 }
  if (layout.unified === undefined) return undefined
  const offered = words(host.read(inDirectory(layout.unified, 'cgroup.controllers')))
  return offered.includes(v2Name(controller)) ? { version: 2, path: layout.unified } : undefined
}

export const v2Name = (controller: Controller): string => (controller === 'blkio' ? 'io' : controller)

export const words = (text = ''): string[] => text.split(/\s+/).filter(Boolean)

/** Says why nothing can set this flag here: the kernel lacks the controller, it is off, or it is not mounted. */
export function noController(flag: string, controller: Controller, host: CgroupHost): RtError {
  const line = (host.read('/proc/cgroups') ?? '').split('\n').find((text) => text.startsWith(`${controller}\t`))
  const reason =
    line === undefined
      ? `this kernel has no ${controller} controller`
      : line.endsWith('\t0')
        ? `the ${controller} controller is switched off on the kernel's command line`
        : `the ${controller} controller is in no writable cgroup hierarchy`
  return new RtError('RT_LIMIT_UNSUPPORTED', `${flag} cannot be set, because ${reason}.`)
}
