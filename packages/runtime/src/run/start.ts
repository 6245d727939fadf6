import { writeFileSync } from 'node:fs'
import type { Image } from '@rt/images'
import { becomeShim, compilePlan, createNetns, type Stage, startStage } from '@rt/native'
import type { DriverRegistry, Drivers } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import { newContainerId } from '../store/identity.ts'
import { discardSteps, forgetStep, giveBack, type LeavePlan, writeLeave } from '../store/leave.ts'
import { type ContainerRecord, writeRecord } from '../store/record.ts'
import { checkpoint, remainingCheckpoints } from './checkpoint.ts'
import { planGroups } from './groups.ts'
import { effectiveHostname } from './host-files.ts'
import { perform } from './perform.ts'
import { type ContainerPlan, leaveOf, planContainer } from './plan.ts'
import type { RunRequest } from './request.ts'
import { type Reservation, reserve } from './reserve.ts'

export interface StartInput {
  readonly layout: Layout
  readonly registry: DriverRegistry
  readonly drivers: Drivers
  /** Names of the drivers, for the record. */
  readonly names: ContainerRecord['drivers']
  readonly image: Image
  readonly request: RunRequest
  /** `rt _failed`, to which the shim hands over when a step of the sandbox fails: it has no words of its own. */
  readonly onFailure: readonly string[]
  /** `rt _leave`, likewise, for clean-up steps that only TypeScript can perform. */
  readonly onLeave: readonly string[]
  readonly beforeShim?: () => void
  /** Is given a line for what the user should know. */
  readonly tell: (line: string) => void
}

/**
 * Starts a container and becomes its shim: on success this process is no longer Node. See docs/architecture.md for the way of a run.
 *
 * @throws RtError with everything undone
 */
export const start = async (input: StartInput): Promise<never> => {
  const { layout, registry, drivers, request } = input
  const id = newContainerId()
  const { asked, cgroups } = await planGroups(drivers.isolation, id, request.spec, input.tell)
  const reservation = await reserve(layout, registry, {
    id,
    name: request.name,
    autoRemove: request.autoRemove,
    network: input.names.network,
    cgroups,
  })
  let stage: Stage | undefined
  let leave: LeavePlan = {
    network: input.names.network,
    leave: cgroups.leave,
    discard: discardSteps(layout, id, reservation.name),
    autoRemove: request.autoRemove,
  }
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
      asked,
      request,
      image: input.image,
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
        ...(request.detach && { detach: { announce: id } }),
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
    giveBack(layout, id, [...leave.leave, ...leave.discard])
    throw error
  }
}

const recordOf = (input: StartInput, { id, name }: Reservation, plan: ContainerPlan): ContainerRecord => ({
  version: 1,
  id,
  name,
  created: new Date().toISOString(),
  image: { id: input.image.id, name: input.request.image },
  drivers: input.names,
  autoRemove: input.request.autoRemove,
  request: input.request,
  spec: plan.spec,
  network: plan.network.attachment,
})
