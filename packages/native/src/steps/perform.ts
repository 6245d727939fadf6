import { type HostStep, RtError } from '@rt/driver-api'
import { hostSocket } from '../netlink/sockets.ts'
import type { Netns } from '../netns.ts'
import type { Lifeline } from '../sys/lifeline.ts'
import { setSysctl } from '../sys/sysctl.ts'
import { awaitLink } from './await-link.ts'
import { makeCgroup, removeCgroup } from './cgroup.ts'
import { allowDevices } from './cgroup-devices.ts'
import { freeze, gather, killCgroup } from './cgroup-processes.ts'
import { addChild, isChild } from './child-link.ts'
import { performFlush } from './conntrack.ts'
import { stepError } from './error.ts'
import { runProgram } from './exec.ts'
import { linkFile, makeDirectory, removeDirectory, removeFile, writeFile } from './file.ts'
import { type HereStep, isCgroupWrite, isInnerSetting, performCgroupWrites, performInnerSettings } from './grouped.ts'
import { startHelper } from './helper.ts'
import { addLines, joinLines, makeLines, partLines, removeLines } from './lines.ts'
import { batches, isLinkStep, type LinkStep, performBatch } from './link.ts'
import { plug } from './plug.ts'
import { performQuota } from './quota.ts'
import { performTree } from './tree.ts'
import { undo } from './undo.ts'

export interface PerformContext {
  /** The container's namespace: for `netns` steps and as the birthplace of veth peers. */
  readonly netns?: Netns
  /** By which helpers learn that the container has ended; without it none can be started. */
  readonly lifeline?: Lifeline
}

/**
 * Performs steps in order; consecutive network steps of one namespace go to the kernel together. When one fails, those of this call
 * that had already changed something, and are not `shared`, are undone in reverse.
 * Errors: StepError of the first failure; what failed while undoing is in its `cause`'s place only when nothing else is.
 */
export const performSteps = (steps: readonly HereStep[], context: PerformContext = {}): void => {
  const done: HereStep[] = []
  for (const run of runs(steps)) {
    const failure = performRun(run, context, done)
    if (failure === undefined) continue
    const errors = takeBack(done, context)
    throw errors.length === 0 ? failure : withUndoErrors(failure, errors)
  }
}

/** Idempotent clean-up: performs every step, whatever the others do, and answers what went wrong. */
export const performLeave = (steps: readonly HostStep[]): Error[] =>
  steps.flatMap((step) => {
    const failure = performRun([step], {}, [])
    return failure === undefined ? [] : [failure]
  })

/** Consecutive link steps of one namespace together, settings inside, and writes to one file of a cgroup; everything else alone. */
const runs = (steps: readonly HereStep[]): HereStep[][] => {
  const result: HereStep[][] = []
  for (const step of steps) {
    const last = result.at(-1)
    const before = last?.at(-1)
    if (last !== undefined && before !== undefined && belongTogether(before, step)) last.push(step)
    else result.push([step])
  }
  return result
}

const belongTogether = (before: HereStep, step: HereStep): boolean => {
  if (isLinkStep(step)) return isLinkStep(before) && step.where === before.where && ![before, step].some(isChild)
  if (isInnerSetting(step)) return isInnerSetting(before)
  return isCgroupWrite(step) && isCgroupWrite(before) && step.path === before.path
}

/** Adds to `done` what has changed something, also after the failure: the kernel goes on through a batch. */
const performRun = (run: readonly HereStep[], context: PerformContext, done: HereStep[]): Error | undefined => {
  const [first] = run
  if (first === undefined) return undefined
  if (isLinkStep(first)) return performLinks(run.filter(isLinkStep), context, done)
  if (isCgroupWrite(first)) return performCgroupWrites(first.path, run.filter(isCgroupWrite), done)
  if (isInnerSetting(first)) return performInnerSettings(run.filter(isInnerSetting), netnsOf(context), done)
  try {
    if (performOne(first, context)) done.push(first)
    return undefined
  } catch (error) {
    return stepError(first, error)
  }
}

const performLinks = (steps: readonly LinkStep[], context: PerformContext, done: HereStep[]): Error | undefined => {
  const [first] = steps
  if (first === undefined) return undefined
  try {
    if (isChild(first)) {
      addChild(first, first.where === 'netns' ? netnsOf(context) : undefined)
      done.push(first)
      return undefined
    }
    const socket = first.where === 'netns' ? netnsOf(context).socket : hostSocket()
    const known = first.where === 'netns' ? netnsOf(context).indices : undefined
    const plugged = plug(steps, context.netns)
    done.push(...plugged)
    for (const batch of batches(steps.slice(plugged.length))) {
      const outcomes = performBatch(batch, socket, context.netns, known)
      done.push(...outcomes.filter(({ changed }) => changed).map(({ step }) => step))
      const failed = outcomes.find(({ error }) => error !== undefined)
      if (failed !== undefined) return stepError(failed.step, failed.error)
    }
    return undefined
  } catch (error) {
    return stepError(first, error)
  }
}

/** Answers whether the step changed something that `undo` can take back. */
const performOne = (step: HereStep, context: PerformContext): boolean => {
  switch (step.op) {
    case 'sysctl':
      setSysctl(step.key, step.value)
      return true
    case 'exec':
      runProgram(step, step.netns === true ? netnsOf(context) : undefined)
      return true
    case 'helper.start':
      startHelper(step, netnsOf(context), lifelineOf(context))
      return true
    case 'conntrack.flush':
      performFlush(step)
      return false
    case 'link.await':
      awaitLink(step.name)
      return false
    case 'dir.make':
      return makeDirectory(step.path, step.mode)
    case 'file.write':
      writeFile(step.path, step.content, step.mode, step.exclusive === true)
      return true
    case 'file.link':
      linkFile(step.path, step.to, step.symbolic === true)
      return true
    case 'file.remove':
      return removeFile(step.path, step.holding)
    case 'dir.remove':
      return removeDirectory(step.path, step.full === 'stays')
    case 'tree.remove':
    case 'tree.copy':
      performTree(step)
      return true
    case 'quota.limit':
      performQuota(step)
      return false
    case 'lines.make':
      return makeLines(step)
    case 'lines.add':
      return addLines(step)
    case 'lines.join':
      return joinLines(step)
    case 'lines.part':
      return partLines(step)
    case 'lines.remove':
      return removeLines(step)
    case 'cgroup.make':
      return makeCgroup(step.path)
    case 'cgroup.devices':
      allowDevices(step.path, step.allow)
      return true
    case 'cgroup.gather':
      gather(step.path, step.from)
      return true
    case 'cgroup.freeze':
      freeze(step)
      return true
    case 'cgroup.kill':
      return killCgroup(step.path)
    case 'cgroup.remove':
      return removeCgroup(step.path)
    default:
      throw new RtError('RT_INTERNAL', `Network step ${step.op} went the wrong way.`)
  }
}

const netnsOf = ({ netns }: PerformContext): Netns => {
  if (netns === undefined) throw new RtError('RT_INTERNAL', 'A netns step came without a network namespace.')
  return netns
}

const lifelineOf = ({ lifeline }: PerformContext): Lifeline => {
  if (lifeline !== undefined) return lifeline
  throw new RtError('RT_NET_MODE', 'A helper can only be started together with its container.', {
    remedy: 'Give the network with `rt run --network` in place of connecting a running container.',
  })
}

const takeBack = (done: readonly HereStep[], context: PerformContext): Error[] =>
  done
    .filter((step) => step.shared !== true)
    .map((step) => undo(step))
    .filter((step): step is HereStep => step !== undefined && step.where !== 'sandbox')
    .reverse()
    .flatMap((step) => performRun([step], context, []) ?? [])

/** The first error stays the one that is shown; the others hang below it for `DEBUG` and bug reports. */
const withUndoErrors = (failure: Error, errors: readonly Error[]): Error => {
  failure.cause = new AggregateError([failure.cause, ...errors], 'The failure, and what went wrong while undoing')
  return failure
}
