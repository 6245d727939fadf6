import type { ContainerId } from '@rt/driver-api'
import { type CgroupHost, groupPath } from './host.ts'
import type { CgroupLayout } from './layout.ts'
import { deviceControl } from './plan.ts'

/** Every process of the container, by the pids of the caller's pid namespace; none where it does not run. */
export function processesOf(id: ContainerId, layout: CgroupLayout, host: CgroupHost): number[] {
  const control = deviceControl(layout)
  if (control.by === 'none') return []
  const text = host.read(`${groupPath(control.hierarchy, id)}/cgroup.procs`) ?? ''
  return text.split('\n').filter(Boolean).map(Number)
}

/** Asked of the kernel: no file of rt's says so. */
export function isFrozen(id: ContainerId, layout: CgroupLayout, host: CgroupHost): boolean {
  const v1 = layout.controllers.get('freezer')
  if (v1 !== undefined) return host.read(`${groupPath(v1, id)}/freezer.state`)?.trim() === 'FROZEN'
  if (layout.unified === undefined) return false
  return /^frozen 1$/m.test(host.read(`${groupPath(layout.unified, id)}/cgroup.events`) ?? '')
}
