import type { ContainerId, HostStep, OciResources, StepFailure } from '@rt/driver-api'
import { type CgroupHost, groupPath, inDirectory } from '../host.ts'
import type { CgroupLayout } from '../layout.ts'
import { CONTROLLERS, FLAGS, type Hierarchy, hierarchyOf, noController, v2Name, words } from './hierarchy.ts'
import { type Controller, type Setting, type SettingContext, unsupported } from './setting.ts'
import { SETTINGS_V1 } from './v1.ts'
import { SETTINGS_V2 } from './v2.ts'

/** The limits of one container, hierarchy by hierarchy. */
export interface LimitSteps {
  /** What the group above must give to its children first: made for all containers. */
  readonly enable: readonly HostStep[]
  /** By the container's directory: the writes of its limits. */
  readonly groups: ReadonlyMap<string, readonly HostStep[]>
  readonly warnings: readonly string[]
}

/** @throws RtError RT_LIMIT_UNSUPPORTED where a limit has no controller here, RT_LIMIT_BUSY */
export function limitSteps(
  id: ContainerId,
  resources: OciResources,
  layout: CgroupLayout,
  host: CgroupHost,
): LimitSteps {
  const groups = new Map<string, HostStep[]>()
  const enable: HostStep[] = []
  const warnings: string[] = []
  for (const controller of CONTROLLERS) {
    const [flag] = FLAGS[controller](resources)
    if (flag === undefined) continue
    const hierarchy = hierarchyOf(controller, layout, host)
    if (hierarchy === undefined) throw noController(flag, controller, host)
    const path = groupPath(hierarchy.path, id)
    const context = contextOf(controller, hierarchy, path, host, warnings)
    const settings = (hierarchy.version === 1 ? SETTINGS_V1 : SETTINGS_V2)[controller](resources, context)
    if (hierarchy.version === 2 && !enabled(controller, hierarchy, host))
      enable.push(enabling(flag, controller, hierarchy))
    groups.set(path, [...(groups.get(path) ?? []), ...settings.map((setting) => write(setting, controller, path))])
  }
  return { enable, groups, warnings }
}

const enabled = (controller: Controller, { path }: Hierarchy, host: CgroupHost): boolean =>
  words(host.read(inDirectory(path, 'cgroup.subtree_control'))).includes(v2Name(controller))

function contextOf(
  controller: Controller,
  hierarchy: Hierarchy,
  path: string,
  host: CgroupHost,
  warnings: string[],
): SettingContext {
  const given = hierarchy.version === 1 || enabled(controller, hierarchy, host)
  return {
    current: (file) => host.read(`${path}/${file}`),
    parent: (file) => host.read(inDirectory(hierarchy.path, file)),
    // Most files are missing in the root of a hierarchy, and all of a controller that is not given to children.
    has: (file) => {
      if (host.exists(inDirectory(hierarchy.path, file))) return true
      const [child] = given ? host.children(hierarchy.path) : []
      return child === undefined ? undefined : host.exists(`${child}/${file}`)
    },
    warn: (line) => void warnings.push(line),
  }
}

const enabling = (flag: string, controller: Controller, { path }: Hierarchy): HostStep => ({
  where: 'host',
  op: 'cgroup.write',
  path: inDirectory(path, 'cgroup.subtree_control'),
  value: `+${v2Name(controller)}`,
  shared: true,
  why: `Groups have files of the ${v2Name(controller)} controller only where the group above gives it to its children.`,
  see: 'cgroups(7), cgroup.subtree_control',
  failure: {
    EBUSY: {
      code: 'RT_LIMIT_UNSUPPORTED',
      message: `${flag} cannot be set, because ${path} has processes of its own and so cannot give the ${v2Name(controller)} controller to its children.`,
      remedy: 'Move those processes into a group below (cgroups(7), "no internal processes").',
    },
  },
})

const write = (setting: Setting, controller: Controller, path: string): HostStep => ({
  where: 'host',
  op: 'cgroup.write',
  path: `${path}/${setting.file}`,
  value: setting.value,
  why: setting.why,
  see: setting.see,
  failure: { ...usualFailures(setting, controller), ...setting.failure },
})

function usualFailures({ flag, file, value }: Setting, controller: Controller): Record<string, StepFailure> {
  const invalid = (reason: string): StepFailure => ({
    code: 'RT_LIMIT_INVALID',
    message: `${flag} cannot be ${value}: ${reason}.`,
    remedy: 'Give another value; `cat` the same file of the group above to see what it has.',
  })
  return {
    ENOENT: unsupported(flag, controller, `this kernel's groups have no file ${file}`),
    EBUSY: {
      code: 'RT_LIMIT_BUSY',
      message: `${flag}: the container uses more than ${value} now.`,
      remedy: 'Give a higher limit, or stop the container first.',
    },
    EINVAL: invalid('the kernel does not take it, or the group above has less'),
    EACCES: invalid('the group above does not have all of that'),
    ERANGE: invalid('the kernel does not take such a number'),
    ENODEV: invalid('there is no such disk (a partition has no limits of its own)'),
  }
}

/** Mount points of the hierarchies in which these limits are set. */
export const limitedHierarchies = (resources: OciResources, layout: CgroupLayout, host: CgroupHost): string[] => [
  ...new Set(
    CONTROLLERS.filter((controller) => FLAGS[controller](resources).length > 0)
      .map((controller) => hierarchyOf(controller, layout, host)?.path)
      .filter((path) => path !== undefined),
  ),
]
