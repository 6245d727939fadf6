import { basename } from 'node:path'
import type { OciMount, SandboxStep } from '@rt/driver-api'
import type { CgroupLayout } from '../cgroups/layout.ts'
import { parseMountOptions } from './options.ts'

/** A hierarchy that a container sees its own group of. */
export interface JoinedHierarchy {
  /** Its directory below /sys/fs/cgroup: `memory`, `cpu,cpuacct`, `unified`. */
  readonly name: string
  /** Empty: v2. */
  readonly controllers: readonly string[]
}

/** The hierarchies at these mount points, in the order of their names. */
export const joinedHierarchies = (mountPoints: readonly string[], layout: CgroupLayout): JoinedHierarchy[] =>
  [...mountPoints].sort().map((path) => ({
    name: basename(path) || 'unified',
    controllers: [...layout.controllers].filter(([, at]) => at === path).map(([name]) => name),
  }))

const WHY =
  'Programs that fit themselves to their limits read them here; they see their own control group as the top, and cannot change it.'
const SEE = 'cgroup_namespaces(7)'

/**
 * As Docker does on v1: a tmpfs with one mount for each hierarchy. Only those that the container joined for its limits, so that a container
 * without any, which could read nothing but its device rules there, does not pay for it.
 */
export function cgroupMounts(mount: OciMount, joined: readonly JoinedHierarchy[]): SandboxStep[] {
  if (joined.length === 0) return []
  const { flags } = parseMountOptions(mount.options)
  const at = (name: string): string => `${mount.destination}/${name}`
  const writable = flags.filter((flag) => flag !== 'ro')
  const common = { where: 'sandbox', inside: true, why: WHY, see: SEE } as const
  const tmpfs = { ...common, op: 'mount', source: 'tmpfs', target: mount.destination, type: 'tmpfs' } as const
  return [
    { ...tmpfs, flags: writable, data: 'mode=755' },
    ...joined.flatMap(({ name, controllers }): SandboxStep[] => [
      {
        ...common,
        op: 'mount',
        source: 'cgroup',
        target: at(name),
        type: controllers.length === 0 ? 'cgroup2' : 'cgroup',
        flags,
        ...(controllers.length > 0 && { data: controllers.join(',') }),
        create: 'dir',
      },
      ...controllers
        .filter((controller) => controller !== name)
        .map((controller): SandboxStep => ({ ...common, op: 'inside.symlink', path: at(controller), target: name })),
    ]),
    { ...tmpfs, source: 'none', flags: ['remount', 'bind', ...flags] },
  ]
}
