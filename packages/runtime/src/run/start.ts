import { writeFileSync } from 'node:fs'
import { type CgroupPlan, type ContainerId, isRtError } from '@rt/driver-api'
import type { Image } from '@rt/images'
import { becomeShim, compilePlan, createNetns, type Stage, startStage } from '@rt/native'
import type { DriverRegistry, Drivers } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import { writeFailedStart } from '../store/exit.ts'
import { newContainerId } from '../store/identity.ts'
import { forgetStep, giveBack, writeLeave } from '../store/leave.ts'
import { type ContainerRecord, writeRecord } from '../store/record.ts'
import { wasStarted } from '../store/state.ts'
import { checkpoint, remainingCheckpoints } from './checkpoint.ts'
import { effectiveHostname } from './host-files.ts'
import { perform } from './perform.ts'
import { type ContainerPlan, leaveOf, planContainer } from './plan.ts'
import { type RunRequest, settled } from './request.ts'
import { type Reservation, reserve } from './reserve.ts'

/** Programs that the shim becomes when it meets what it has no words or no means for. */
export interface Handlers {
  /** `rt _failed`, to which the shim hands over when a step of the sandbox fails. */
  readonly onFailure: readonly string[]
  /** `rt _leave`, likewise, for clean-up steps that only TypeScript can perform. */
  readonly onLeave: readonly string[]
  /** Called last of all before this process stops being Node. */
  readonly beforeShim?: () => void
}

export interface StartInput extends Handlers {
  readonly layout: Layout
  readonly registry: DriverRegistry
  readonly drivers: Drivers
  /** Names of the drivers, for the record. */
  readonly names: ContainerRecord['drivers']
  readonly image: Image
  readonly request: RunRequest
  /** What a detached start says when it has succeeded; the id where undefined. */
  readonly announce?: string
}

/**
 * Starts a container and becomes its shim: on success this process is no longer Node. See docs/architecture.md for the way of a run.
 *
 * @throws RtError with everything undone
 */
export const start = async (input: StartInput): Promise<never> => {
  const { layout, registry, request } = input
  const id = newContainerId()
  const cgroups = await cgroupsOf(input.drivers, id)
  const reservation = await reserve(layout, registry, {
    id,
    name: request.name,
    autoRemove: request.autoRemove,
    network: input.names.network,
    cgroups,
  })
  return launch(input, reservation)
}

export const cgroupsOf = async ({ isolation }: Drivers, id: ContainerId): Promise<CgroupPlan> =>
  (await isolation.cgroups?.({ id })) ?? { enter: [], directories: [], leave: [] }

/** The rest of a start, of a container that is reserved. @throws RtError with everything undone */
export const launch = async (input: StartInput, reservation: Reservation): Promise<never> => {
  const { layout, drivers, request } = input
  const { id, cgroups, existing } = reservation
  let stage: Stage | undefined
  let { leave } = reservation
  try {
    perform(cgroups.enter)
    // Joining a v1 cgroup waits for the kernel (an RCU grace period, 5-19 ms); the stage does that while the rest is planned.
    if (!request.detach) stage = startStage(cgroups.directories.map((path) => `${path}/cgroup.procs`))
    checkpoint()
    const plan = await planContainer({
      drivers,
      layout,
      identity: { id, name: reservation.name, hostname: effectiveHostname(request, { id }, input.names.network) },
      cgroups,
      request,
      image: input.image,
      ...(existing && { resume: wasStarted(layout, id), env: {} }),
    })
    checkpoint()
    leave = { ...leave, leave: leaveOf(plan) }
    writeLeave(layout, id, leave)
    const netns = plan.network.namespace === 'new' ? createNetns() : undefined
    perform(plan.enter, netns)
    writeRecord(layout.record(id), recordOf(input, reservation, plan))
    writeFileSync(layout.plan(id), JSON.stringify(plan), { mode: 0o600 })
    checkpoint()
    const testStopAt = remainingCheckpoints()
    const compiled = compilePlan({
      monitor: {
        statusFile: layout.status(id),
        ...(!request.autoRemove && { exitFile: layout.exit(id) }),
        stdin: request.stdin,
        ...(request.detach && { detach: { announce: input.announce ?? id } }),
        onFailure: [...input.onFailure, id],
        onLeave: [...input.onLeave, id],
      },
      cgroups: cgroups.directories,
      newNamespaces: ['pid', 'mount', 'uts', 'ipc'],
      sandbox: plan.launch.sandbox,
      leave: [...leave.leave, ...(leave.autoRemove ? leave.discard : []), forgetStep(layout, id)],
      ...(testStopAt !== undefined && { testStopAt }),
    })
    input.beforeShim?.()
    return becomeShim(compiled, {
      ...(stage && { stage }),
      ...(netns && { netnsFd: netns.fd }),
      keepFds: [reservation.lock.fd],
    })
  } catch (error) {
    stage?.cancel()
    // The first error is the one to tell; what could not be undone is left to the next reconciliation.
    if (existing && leave.discard.length === 0) writeFailedStart(layout, id, isRtError(error) ? error.exitCode : 125)
    giveBack(layout, id, [...leave.leave, ...leave.discard])
    throw error
  }
}

export const recordOf = (
  input: Pick<StartInput, 'image' | 'names' | 'request'>,
  { id, name, existing }: Pick<Reservation, 'id' | 'name' | 'existing'>,
  plan: ContainerPlan,
): ContainerRecord =>
  existing
    ? { ...existing, spec: plan.spec, network: plan.network.attachment }
    : {
        version: 1,
        id,
        name,
        created: new Date().toISOString(),
        image: { id: input.image.id, name: input.request.image },
        drivers: input.names,
        autoRemove: input.request.autoRemove,
        request: settled(input.request, process.env),
        spec: plan.spec,
        network: plan.network.attachment,
      }
