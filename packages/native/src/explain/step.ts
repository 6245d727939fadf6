import type { Step } from '@rt/driver-api'
import { OUTSIDE, type ShellContext } from './context.ts'
import { cgroupLines, execLines, fileLines, helperLines, quotaLines } from './host.ts'
import { linesLines } from './lines.ts'
import { awaitLines, flushLines, linkLines, sysctlLines } from './network.ts'
import { pointerOf } from './pointers.ts'
import { fillLines, insideLines, keepLines, mountedLines, mountLines } from './sandbox-files.ts'
import { processLines, rootLines } from './sandbox-process.ts'

/** A step for people. */
export interface ExplainedStep {
  readonly step: Step
  readonly why: string
  /** Where to read more; `addressOf` makes a link of it. */
  readonly see: string
  /** Lines of bash; a comment where no command exists. */
  readonly commands: readonly string[]
}

/** The lines of bash that do what the step does. Those of sandbox steps rely on the script around them (`toScript`). */
export const toShell = (step: Step, context: ShellContext = OUTSIDE): string[] => {
  switch (step.op) {
    case 'link.add':
    case 'link.set':
    case 'link.del':
    case 'addr.add':
    case 'route.add':
      return linkLines(step, context)
    case 'sysctl':
      return sysctlLines(step, context)
    case 'exec':
      return execLines(step, context)
    case 'helper.start':
      return helperLines(step, context)
    case 'link.await':
      return awaitLines(step.name)
    case 'conntrack.flush':
      return flushLines(step)
    case 'dir.make':
    case 'file.write':
    case 'file.link':
    case 'file.remove':
    case 'dir.remove':
    case 'tree.remove':
    case 'tree.copy':
      return fileLines(step)
    case 'quota.limit':
      return quotaLines(step)
    case 'lines.make':
    case 'lines.add':
    case 'lines.join':
    case 'lines.part':
    case 'lines.remove':
      return linesLines(step)
    case 'cgroup.make':
    case 'cgroup.write':
    case 'cgroup.devices':
    case 'cgroup.gather':
    case 'cgroup.freeze':
    case 'cgroup.kill':
    case 'cgroup.remove':
      return cgroupLines(step)
    case 'mount':
      return mountLines(step, context)
    case 'mounted.mkdir':
      return mountedLines(step)
    case 'mount.keep':
      return keepLines(step)
    case 'inside.fill':
      return fillLines(step, context)
    case 'inside.mkdir':
    case 'inside.symlink':
    case 'inside.mknod':
    case 'inside.mask':
    case 'inside.readonly':
    case 'inside.sysctl':
      return insideLines(step, context)
    case 'root.set':
    case 'root.enter':
    case 'root.readonly':
      return rootLines(step, context)
    default:
      return processLines(step, context)
  }
}

export const explainStep = (step: Step, context: ShellContext = OUTSIDE): ExplainedStep => ({
  step,
  why: step.why,
  see: pointerOf(step),
  commands: toShell(step, context),
})

/** The context of the steps after this one. */
export const contextAfter = (step: Step, context: ShellContext): ShellContext =>
  step.op === 'mount.keep' ? { ...context, keeps: true } : afterRoot(step, context)

const afterRoot = (step: Step, context: ShellContext): ShellContext =>
  step.op === 'root.enter'
    ? step.mode === 'pivot'
      ? { ...context, root: '', entered: 'pivot' }
      : { ...context, root: '.', entered: 'chroot' }
    : context
