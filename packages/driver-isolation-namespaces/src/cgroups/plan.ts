import type { CgroupPlan, ContainerId, HostStep, OciDeviceRule } from '@rt/driver-api'
import { ALLOWED_DEVICES } from './devices.ts'
import { groupPath } from './host.ts'
import type { CgroupLayout } from './layout.ts'
import type { LimitSteps } from './limits/steps.ts'

/** What keeps a container from opening the host's devices here; `none`: nothing does, so CAP_MKNOD has to go. */
export type DeviceControl =
  | { readonly by: 'v1'; readonly hierarchy: string }
  | { readonly by: 'bpf'; readonly hierarchy: string }
  | { readonly by: 'none' }

export function deviceControl(layout: CgroupLayout): DeviceControl {
  const devices = layout.controllers.get('devices')
  if (devices !== undefined) return { by: 'v1', hierarchy: devices }
  if (layout.unified !== undefined) return { by: 'bpf', hierarchy: layout.unified }
  return { by: 'none' }
}

/** What goes beyond the rules that every container has. */
export interface Wanted {
  readonly devices?: readonly OciDeviceRule[]
  readonly limits?: LimitSteps
}

/**
 * One directory `rt-<id>` at the top of each hierarchy that controls something for the container: with no parent of rt's own, nothing is
 * left behind that no container owns. Joining a v1 hierarchy takes the kernel 5-19 ms, so without limits it is the one of the devices only.
 */
export function planCgroups(id: ContainerId, layout: CgroupLayout, { devices = [], limits }: Wanted = {}): CgroupPlan {
  const control = deviceControl(layout)
  const groups = new Map<string, readonly HostStep[]>()
  if (control.by !== 'none') {
    const path = groupPath(control.hierarchy, id)
    groups.set(path, control.by === 'v1' ? deviceList(path, devices) : [devicePolicy(path, devices)])
  }
  for (const [path, steps] of limits?.groups ?? []) groups.set(path, [...(groups.get(path) ?? []), ...steps])
  const oomEvents = oomFile(id, layout)
  return {
    enter: [...(limits?.enable ?? []), ...[...groups].flatMap(([path, steps]) => [makeGroup(path), ...steps])],
    directories: [...groups.keys()],
    leave: everyGroup(id, layout).map(removeGroup),
    ...(oomEvents !== undefined && { oomEvents }),
    ...(limits && limits.warnings.length > 0 && { warnings: limits.warnings }),
  }
}

export const makeGroup = (path: string): HostStep => ({
  where: 'host',
  op: 'cgroup.make',
  path,
  why: 'A control group of its own lets rules apply to all processes of the container, present and future.',
  see: 'cgroups(7)',
})

const removeGroup = (path: string): HostStep => ({
  where: 'host',
  op: 'cgroup.remove',
  path,
  why: 'The control group is a directory that outlives its processes, so it is removed by hand.',
  see: 'cgroups(7)',
})

/** v1 hierarchies that `update` and `pause` may have the container join while it runs. */
const LATER = ['devices', 'memory', 'cpu', 'cpuset', 'pids', 'blkio', 'freezer']

/**
 * The container's directories in all hierarchies that it may ever join: who removes them at its end was told at its start. Removing one that
 * was never made costs a microsecond.
 */
export function everyGroup(id: ContainerId, layout: CgroupLayout): string[] {
  const hierarchies = LATER.map((name) => layout.controllers.get(name)).concat(layout.unified)
  return [...new Set(hierarchies)].filter((path) => path !== undefined).map((path) => groupPath(path, id))
}

/** Named even where the group is only made later, or never: a file that is missing counts no kills. */
function oomFile(id: ContainerId, layout: CgroupLayout): string | undefined {
  const memory = layout.controllers.get('memory')
  if (memory !== undefined) return `${groupPath(memory, id)}/memory.oom_control`
  return layout.unified === undefined ? undefined : `${groupPath(layout.unified, id)}/memory.events`
}

function deviceList(path: string, more: readonly OciDeviceRule[]): HostStep[] {
  const see = 'https://docs.kernel.org/admin-guide/cgroup-v1/devices.html'
  const write = (file: string, value: string, why: string): HostStep => ({
    where: 'host',
    op: 'cgroup.write',
    path: `${path}/${file}`,
    value,
    why,
    see,
  })
  return [
    write('devices.deny', 'a', 'First every device is forbidden, because root in a container could mknod the disk.'),
    ...ALLOWED_DEVICES.map(({ rule, why }) => write('devices.allow', rule, why)),
    ...more.map((rule) => write('devices.allow', ruleText(rule), 'It was asked for.')),
  ]
}

const devicePolicy = (path: string, more: readonly OciDeviceRule[]): HostStep => ({
  where: 'host',
  op: 'cgroup.devices',
  path,
  allow: [...ALLOWED_DEVICES.map(({ rule }) => rule), ...more.map(ruleText)],
  why: 'A small BPF program allows the harmless devices only, because root in a container could mknod the disk.',
  see: 'https://docs.kernel.org/admin-guide/cgroup-v2.html#device-controller',
})

const ruleText = ({ type, major, minor, access }: OciDeviceRule): string =>
  `${type} ${[major, minor].map((number) => (number < 0 ? '*' : number)).join(':')} ${access}`

/** --privileged: there is nothing to keep from it. */
export const isEveryDevice = (rules: readonly OciDeviceRule[] = []): boolean =>
  (['c', 'b'] as const).every((type) =>
    rules.some((rule) => rule.type === type && rule.major < 0 && rule.minor < 0 && rule.access.length === 3),
  )
