import type { ContainerId, ResourceUsage } from '@rt/driver-api'
import { type CgroupHost, groupPath } from './host.ts'
import type { CgroupLayout } from './layout.ts'
import { hierarchyOf } from './limits/hierarchy.ts'
import type { Controller } from './limits/setting.ts'
import { processesOf } from './processes.ts'
import { type ProcessUsage, sumOfProcesses } from './usage-processes.ts'

/** Above this a v1 file means "no limit" (it holds the largest number of pages). */
const NO_LIMIT = 2 ** 62

/**
 * From the files of the container's groups; what no group of it counts, as by default on v1 (joining a hierarchy slows the start), is summed
 * over its processes.
 */
export function usageOf(id: ContainerId, layout: CgroupLayout, host: CgroupHost): ResourceUsage {
  let processes: ProcessUsage | undefined
  const summed = (): ProcessUsage => {
    processes ??= sumOfProcesses(processesOf(id, layout, host), host)
    return processes
  }
  const file = (controller: Controller | 'cpuacct', name: string): string | undefined => {
    const path =
      controller === 'cpuacct' ? layout.controllers.get(controller) : hierarchyOf(controller, layout, host)?.path
    return path === undefined ? undefined : host.read(`${groupPath(path, id)}/${name}`)
  }
  const memory = memoryOf(file)
  const memoryLimitBytes = limit(file('memory', 'memory.limit_in_bytes') ?? file('memory', 'memory.max'))
  const pidsLimit = limit(file('pids', 'pids.max'))
  const io = blockIo(file)
  return {
    cpuNanoseconds: cpuOf(id, layout, host, file('cpuacct', 'cpuacct.usage')) ?? summed().cpuNanoseconds,
    memoryBytes: memory ?? summed().memoryBytes,
    ...(memoryLimitBytes !== undefined && { memoryLimitBytes }),
    pids: number(file('pids', 'pids.current')) ?? summed().threads,
    ...(pidsLimit !== undefined && { pidsLimit }),
    blockReadBytes: io?.read ?? summed().readBytes,
    blockWriteBytes: io?.write ?? summed().writeBytes,
  }
}

type ReadFile = (controller: Controller, name: string) => string | undefined

const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text))

const limit = (text: string | undefined): number | undefined => {
  if (text === undefined || text.trim() === 'max') return undefined
  return Number(text) >= NO_LIMIT ? undefined : Number(text)
}

/** v2 counts CPU time in every group, whatever its controllers. */
function cpuOf(id: ContainerId, layout: CgroupLayout, host: CgroupHost, v1: string | undefined): number | undefined {
  if (v1 !== undefined) return Number(v1)
  if (layout.unified === undefined) return undefined
  const [, microseconds] =
    /^usage_usec (\d+)$/m.exec(host.read(`${groupPath(layout.unified, id)}/cpu.stat`) ?? '') ?? []
  return microseconds === undefined ? undefined : Number(microseconds) * 1000
}

function memoryOf(file: ReadFile): number | undefined {
  const used = number(file('memory', 'memory.usage_in_bytes') ?? file('memory', 'memory.current'))
  if (used === undefined) return undefined
  // Docker's rule: cache that has not been used lately is not what the container needs.
  const [, cache = '0'] = /^(?:total_)?inactive_file (\d+)$/m.exec(reversed(file('memory', 'memory.stat'))) ?? []
  return Math.max(0, used - Number(cache))
}

/** v1 has the group's own figure first, and the one with its children, which is wanted, later. */
const reversed = (text = ''): string => text.split('\n').reverse().join('\n')

function blockIo(file: ReadFile): { read: number; write: number } | undefined {
  const v1 = file('blkio', 'blkio.throttle.io_service_bytes_recursive')
  if (v1 !== undefined) return { read: sum(v1, / Read (\d+)/g), write: sum(v1, / Write (\d+)/g) }
  const v2 = file('blkio', 'io.stat')
  return v2 === undefined ? undefined : { read: sum(v2, /\brbytes=(\d+)/g), write: sum(v2, /\bwbytes=(\d+)/g) }
}

const sum = (text: string, pattern: RegExp): number =>
  [...text.matchAll(pattern)].reduce((total, [, digits]) => total + Number(digits), 0)
