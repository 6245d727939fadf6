import { type ContainerId, type HostStep, RtError } from '@rt/driver-api'
import { type CgroupHost, groupPath } from './host.ts'
import type { CgroupLayout } from './layout.ts'
import { makeGroup } from './plan.ts'
import { gatherInto } from './update.ts'

/**
 * v1 has a hierarchy for it, which the container joins when it is first frozen; every v2 group can be frozen by itself.
 * @throws RtError RT_LIMIT_UNSUPPORTED where there is neither
 */
export function freezeSteps(id: ContainerId, frozen: boolean, layout: CgroupLayout, host: CgroupHost): HostStep[] {
  const v1 = layout.controllers.get('freezer')
  const hierarchy = v1 ?? layout.unified
  if (hierarchy === undefined)
    throw new RtError(
      'RT_LIMIT_UNSUPPORTED',
      'Nothing can be paused, because no writable cgroup hierarchy can freeze.',
      {
        remedy: 'Mount the freezer controller or cgroup2: see cgroups(7).',
      },
    )
  const path = groupPath(hierarchy, id)
  const joined = host.exists(path)
  if (!joined && !frozen) return []
  return [
    ...(joined ? [] : [makeGroup(path)]),
    ...(frozen ? gatherInto(path, id, layout) : []),
    {
      where: 'host',
      op: 'cgroup.freeze',
      path,
      version: v1 === undefined ? 2 : 1,
      frozen,
      why: frozen
        ? 'The kernel stops every process of the container where it is; unlike SIGSTOP they neither see nor can undo it.'
        : 'The processes go on where they were stopped.',
      see:
        v1 === undefined
          ? 'https://docs.kernel.org/admin-guide/cgroup-v2.html#core-interface-files'
          : 'https://docs.kernel.org/admin-guide/cgroup-v1/freezer-subsystem.html',
    },
  ]
}
