import type { ContainerId, HostStep, SandboxStep } from '@rt/driver-api'
import type { ExplainInput } from '@rt/native/explain'
import type { Layout } from '../layout.ts'
import { discardSteps, forgetStep } from '../store/leave.ts'
import type { MountPoint } from '../store/mount-point.ts'
import { makeStoreSteps } from '../store/prepare.ts'
import type { PerformedPlan } from './plan.ts'

/** A container's plan in the form that becomes a script. */
export const explainInput = async (
  layout: Layout,
  title: string,
  id: ContainerId,
  plan: PerformedPlan,
): Promise<ExplainInput> => {
  const { name, sandbox, mounts = [] } = plan
  const directories: HostStep[] = [
    ...makeStoreSteps(layout),
    {
      where: 'host',
      op: 'dir.make',
      path: layout.container(id),
      mode: 0o700,
      why: 'Everything that the container writes goes into a directory of its own, which only root can enter.',
    },
  ]
  return {
    title,
    host: [...directories, ...(await volumeSteps(layout, id, mounts)), ...plan.enter],
    namespace: plan.namespace,
    ...(plan.process && { join: plan.process.pid }),
    ...(plan.joinedPid !== undefined && { joinPid: plan.joinedPid }),
    // In a shell all are made at once, by unshare(1), after the cgroup has been joined: those that the sandbox makes later too.
    newNamespaces: [
      ...(plan.newNamespaces ?? (['pid', 'mount', 'uts', 'ipc'] as const)),
      ...sandbox.flatMap(laterNamespaces),
    ],
    sandbox,
    cgroups: plan.directories,
    leave: [...plan.leave.filter(isMade(plan)), ...discardSteps(layout, id, name, mounts), forgetStep(layout, id)],
  }
}

const volumeSteps = async (layout: Layout, id: ContainerId, mounts: readonly MountPoint[]): Promise<HostStep[]> => {
  const names = new Set(mounts.flatMap(({ name }) => name ?? []))
  if (names.size === 0) return []
  const { makeVolumeSteps } = await import('../volumes/asked.ts')
  return [...names].flatMap((name) => makeVolumeSteps(layout, name, id))
}

/** Groups that only `update` or `pause` would make are not in this script, nor is their end. */
const isMade =
  ({ directories }: PerformedPlan) =>
  (step: HostStep): boolean =>
    step.op !== 'cgroup.remove' || directories.includes(step.path)

const laterNamespaces = (step: SandboxStep) => (step.op === 'namespace.unshare' ? step.namespaces : [])
