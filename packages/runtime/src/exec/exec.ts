import { RtError, type SandboxStep } from '@rt/driver-api'
import { becomeExecShim, closeFd, compileEnterPlan, startEntering } from '@rt/native'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from '../run/detach-keys.ts'
import { findContainer } from '../store/find.ts'
import { type HeldInit, holdInit } from '../store/init.ts'
import { appendEvent } from '../store/journal.ts'
import { type ContainerRecord, readRecord } from '../store/record.ts'
import { execProcess, execSpec } from './process.ts'
import type { ExecRequest } from './request.ts'

export interface ExecInput {
  readonly layout: Layout
  readonly registry: DriverRegistry
  readonly request: ExecRequest
}

/** A program that is about to be brought into a container. */
export interface PreparedExec {
  readonly record: ContainerRecord
  readonly init: HeldInit
  readonly cgroups: readonly string[]
  readonly sandbox: readonly SandboxStep[]
  /** Its command, for the journal. */
  readonly command: string
}

/**
 * What bringing a program into a running container takes.
 *
 * @throws RtError RT_CONTAINER_UNKNOWN, RT_CONTAINER_NOT_RUNNING, RT_CONTAINER_PAUSED, RT_USAGE
 */
export const prepareExec = async ({ layout, registry, request }: ExecInput): Promise<PreparedExec> => {
  const id = findContainer(layout, request.container)
  const record = readRecord(layout.record(id))
  if (record === undefined) throw new RtError('RT_CONTAINER_UNKNOWN', `No such container: ${request.container}`)
  const process_ = execProcess(record.spec, request, process.env)
  const init = holdInit(layout, id, record.name)
  try {
    const isolation = await registry.resolve('isolation', record.drivers.isolation)
    // In a frozen control group the program would not even come to be, and its caller would wait without a word.
    if (isolation.isFrozen?.({ id }))
      throw new RtError('RT_CONTAINER_PAUSED', `The container ${record.name} is paused`, {
        remedy: `Let it go on with \`rt unpause ${record.name}\`.`,
      })
    if (isolation.enter === undefined)
      throw new RtError(
        'RT_USAGE',
        `The isolation driver ${record.drivers.isolation} cannot run a program in a container`,
      )
    const { cgroups, sandbox } = await isolation.enter({
      container: { id },
      spec: execSpec(record.spec, request.privileged),
      process: process_,
    })
    return { record, init, cgroups, sandbox, command: process_.args.join(' ') }
  } catch (error) {
    closeFd(init.pidfd)
    throw error
  }
}

export interface ExecInPlace extends ExecInput {
  /** `rt _exec-failed`, to which the shim hands over when a step fails: it has no words of its own. */
  readonly onFailure: readonly string[]
  readonly beforeShim?: () => void
}

/**
 * Runs a further program in a running container and becomes its shim: on success this process is no longer Node.
 *
 * @throws RtError as `prepareExec`
 */
export const exec = async ({ onFailure, beforeShim, ...input }: ExecInPlace): Promise<never> => {
  const { layout, request } = input
  const detachKeys = request.detachKeys === undefined ? DEFAULT_DETACH_KEYS : parseDetachKeys(request.detachKeys)
  const { record, init, cgroups, sandbox, command } = await prepareExec(input)
  // The stage joins them, which may wait for locks of the kernel's, while Node is being left.
  const stage = startEntering(cgroups)
  const plan = compileEnterPlan({
    pid: init.pid,
    stdin: request.stdin,
    detach: request.detach,
    detachKeys,
    onFailure: [...onFailure, record.name, JSON.stringify(sandbox.map(wordsOf))],
    sandbox,
  })
  appendEvent(layout, 'exec_start', record, { execCommand: command })
  beforeShim?.()
  return becomeExecShim(plan, stage, init.pidfd)
}

/** What a message needs to know of a step; the rest, environment and all, would be seen in the process list. */
export const wordsOf = ({ op, failure }: SandboxStep): Pick<SandboxStep, 'op' | 'failure'> => ({
  op,
  ...(failure && { failure }),
})
