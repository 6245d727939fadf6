import { type ContainerId, RtError, type SandboxStep } from '@rt/driver-api'
import { errnoName, errnoText, SHIM_STEPS } from '@rt/native'
import type { Layout } from '../layout.ts'
import { writeFailedStart } from '../store/exit.ts'
import { readIfThere } from '../store/files.ts'
import { appendEvent } from '../store/journal.ts'
import { discardSteps, giveBack, readLeave } from '../store/leave.ts'
import { type ContainerRecord, readRecord } from '../store/record.ts'
import type { PerformedPlan } from './plan.ts'

/** What the shim tells of the step that failed. */
export interface ShimFailure {
  /** Index into the plan's sandbox steps, or a negative number of SHIM_STEPS. */
  readonly step: string
  readonly errno: number
  /** The path or name that the step was about. */
  readonly detail: string
}

/**
 * Undoes a start whose sandbox could not be made, and says why: the shim knows the step and the errno, the plan knows the words.
 */
export const undoFailedStart = (layout: Layout, id: ContainerId, failure: ShimFailure): RtError => {
  const text = readIfThere(layout.plan(id))
  const plan = text === undefined ? undefined : (JSON.parse(text) as PerformedPlan)
  const leave = readLeave(layout, id)
  const record = readRecord(layout.record(id))
  const step = plan?.sandbox[Number(failure.step)]
  const error = step ? explainFailure(step, failure) : (tooFewPids(record, failure) ?? unnamedFailure(failure))
  // Nothing to discard: a container that was there before, and stays.
  if (leave?.discard.length === 0) writeFailedStart(layout, id, error.exitCode)
  giveBack(layout, id, [
    ...(leave?.leave ?? []),
    ...(leave?.discard ?? discardSteps(layout, id, plan?.name ?? `${id}.unnamed`)),
  ])
  // Where there is nothing to discard it was there before, and stays.
  if (record && leave?.discard.length !== 0) appendEvent(layout, 'destroy', record)
  return error
}

export const unnamedFailure = ({ step, errno, detail }: ShimFailure): RtError =>
  new RtError(
    'RT_STEP_FAILED',
    `The shim could not ${SHIM_STEPS[step] ?? `perform its step ${step}`}${detail ? ` ${detail}` : ''}: ${errnoText(errno)}`,
  )

/** The container joins its cgroup before it has all of its first processes. */
const tooFewPids = (record: ContainerRecord | undefined, { step, errno }: ShimFailure): RtError | undefined => {
  const limit = record?.spec.linux.resources?.pids?.limit
  if (limit === undefined || SHIM_STEPS[step] === undefined || errnoName(errno) !== 'EAGAIN') return undefined
  return new RtError('RT_LIMIT_INVALID', `--pids-limit=${limit} is too little for a container to start.`, {
    remedy: 'Give it 2 or more; `rt update --pids-limit` changes the limit of a container that is there.',
  })
}

/** As much of a step as its failure needs; `detail` names the rest. */
export type FailedStep = Pick<SandboxStep, 'op' | 'failure'>

export const explainFailure = (step: FailedStep, { errno, detail }: ShimFailure): RtError => {
  const name = errnoName(errno)
  const known = step.failure?.[name]
  if (known) return new RtError(known.code, known.message, { remedy: known.remedy })
  const any = step.failure?.['*']
  if (any)
    return new RtError(any.code, `${any.message.replace(/\.$/, '')}: ${errnoText(errno)}`, { remedy: any.remedy })
  if (name === 'ENOSPC' || name === 'EDQUOT')
    return new RtError('RT_DISK_FULL', `No space left while rt set up ${detail || step.op}`)
  switch (step.op) {
    case 'process.exec':
      return execFailure(detail, name, errno)
    case 'process.user':
      return new RtError('RT_STEP_FAILED', `The container's program cannot become "${detail}": ${errnoText(errno)}`)
    case 'process.chdir':
      return new RtError('RT_STEP_FAILED', `The working directory ${detail} cannot be used: ${errnoText(errno)}`, {
        remedy: 'Choose another one with --workdir.',
      })
    default:
      return new RtError(
        'RT_STEP_FAILED',
        `The step ${step.op}${detail ? ` of ${detail}` : ''} failed: ${errnoText(errno)}`,
      )
  }
}

const execFailure = (program: string, name: string, errno: number): RtError =>
  name === 'ENOENT'
    ? new RtError(
        'RT_COMMAND_NOT_FOUND',
        program.includes('/')
          ? `${program} does not exist in the container, or the interpreter that it names does not`
          : `"${program}" is not in the container's PATH`,
      )
    : new RtError('RT_COMMAND_NOT_EXECUTABLE', `${program} cannot be executed: ${errnoText(errno)}`)
