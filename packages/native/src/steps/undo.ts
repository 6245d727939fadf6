import type { HostStep, NetnsStep, Step } from '@rt/driver-api'

/**
 * The step that takes back another one which has *changed* something; undefined where nothing needs to be done, because it ends with the
 * link or the directory that it was done to, or nothing can be done, because what was there before is not known.
 */
export function undo(step: HostStep): HostStep | undefined
export function undo(step: NetnsStep): NetnsStep | undefined
export function undo(step: Step): Step | undefined
export function undo(step: Step): Step | undefined {
  switch (step.op) {
    case 'link.add':
      return { op: 'link.del', where: step.where, name: step.name, why: back(step) }
    case 'dir.make':
      return { op: 'dir.remove', where: 'host', path: step.path, why: back(step) }
    case 'file.write':
      // Without `exclusive` the file may have been there before.
      return step.exclusive === true
        ? { op: 'file.remove', where: 'host', path: step.path, why: back(step) }
        : undefined
    case 'cgroup.make':
      return { op: 'cgroup.remove', where: 'host', path: step.path, why: back(step) }
    case 'cgroup.freeze':
      return step.frozen ? { ...step, where: 'host', frozen: false, why: back(step) } : undefined
    default:
      return undefined
  }
}

const back = (step: Step): string => `Takes back: ${step.why}`
