import type { ContainerId, HostStep, OciResources } from '@rt/driver-api'
import { type CgroupHost, groupPath } from './host.ts'
import type { CgroupLayout } from './layout.ts'
import { limitSteps } from './limits/steps.ts'
import { deviceControl, makeGroup } from './plan.ts'

/**
 * Limits for a container that runs. A v1 hierarchy that it has not joined yet gets its group first, then the group its limits, and only then
 * its processes: an empty group is never above its limit.
 * @throws RtError RT_LIMIT_UNSUPPORTED, RT_LIMIT_BUSY
 */
export function updateSteps(
  id: ContainerId,
  resources: OciResources,
  layout: CgroupLayout,
  host: CgroupHost,
): HostStep[] {
  const { enable, groups } = limitSteps(id, resources, layout, host)
  const steps = [...enable]
  for (const [path, writes] of groups) {
    if (!host.exists(path)) steps.push(makeGroup(path))
    steps.push(...writes, ...gatherInto(path, id, layout))
  }
  return steps
}

/** From the one group that every container has; also where the group was there already, in case an `exec` came between. */
export function gatherInto(path: string, id: ContainerId, layout: CgroupLayout): HostStep[] {
  const control = deviceControl(layout)
  if (control.by === 'none' || groupPath(control.hierarchy, id) === path) return []
  return [
    {
      where: 'host',
      op: 'cgroup.gather',
      path,
      from: groupPath(control.hierarchy, id),
      why: 'The container joins this hierarchy while it runs: all of its processes, and those that they fork meanwhile. (What they have used before is not counted.)',
      see: 'cgroups(7)',
    },
  ]
}
