import type { CgroupPlan, ContainerId, HostStep } from '@rt/driver-api'
import { ALLOWED_DEVICES } from './devices.ts'
import type { CgroupLayout } from './layout.ts'

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

/**
 * One directory `rt-<id>` at the top of the hierarchy that controls devices: with no parent of rt's own, nothing is left behind that
 * no container owns. A hierarchy that limits something else gets its directory here, too, in the same way.
 */
export function planCgroups(id: ContainerId, control: DeviceControl): CgroupPlan {
  if (control.by === 'none') return { enter: [], directories: [], leave: [] }
  const path = join(control.hierarchy, `rt-${id}`)
  const make: HostStep = {
    where: 'host',
    op: 'cgroup.make',
    path,
    why: 'A control group of its own lets rules apply to all processes of the container, present and future.',
    see: 'cgroups(7)',
  }
  const rules = control.by === 'v1' ? deviceList(path) : [devicePolicy(path)]
  const leave: HostStep = {
    where: 'host',
    op: 'cgroup.remove',
    path,
    why: 'The control group is a directory that outlives its processes, so it is removed by hand.',
    see: 'cgroups(7)',
  }
  return { enter: [make, ...rules], directories: [path], leave: [leave] }
}

function deviceList(path: string): HostStep[] {
  const see = 'https://docs.kernel.org/admin-guide/cgroup-v1/devices.html'
  const write = (file: string, value: string, why: string): HostStep => ({
    where: 'host',
    op: 'cgroup.write',
    path: join(path, file),
    value,
    why,
    see,
  })
  return [
    write('devices.deny', 'a', 'First every device is forbidden, because root in a container could mknod the disk.'),
    ...ALLOWED_DEVICES.map(({ rule, why }) => write('devices.allow', rule, why)),
  ]
}

const devicePolicy = (path: string): HostStep => ({
  where: 'host',
  op: 'cgroup.devices',
  path,
  allow: ALLOWED_DEVICES.map(({ rule }) => rule),
  why: 'A small BPF program allows the harmless devices only, because root in a container could mknod the disk.',
  see: 'https://docs.kernel.org/admin-guide/cgroup-v2.html#device-controller',
})

const join = (directory: string, name: string): string => (directory === '/' ? `/${name}` : `${directory}/${name}`)
