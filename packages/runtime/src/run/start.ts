import { writeFileSync } from 'node:fs'
import { type CgroupPlan, isRtError } from '@rt/driver-api'
import type { Image } from '@rt/images'
import { compilePlan, createLifeline, createNetns, type Netns, type Stage } from '@rt/native'
import { checkpoint, remainingCheckpoints } from '../checkpoint.ts'
import type { DriverRegistry, Drivers } from '../drivers/registry.ts'
import { newContainerId } from '../identity.ts'
import type { Layout } from '../layout.ts'
import { useOf } from '../networks/resolve.ts'
import type { ResolvedNetwork } from '../networks/resolved.ts'
import type { HeldPorts } from '../ports/index.ts'
import { type RunRequest, settled } from '../request.ts'
import { writeFailedStart } from '../store/exit.ts'
import { appendEvent, eventsOfMonitor } from '../store/journal.ts'
import { forgetStep, giveBack, writeLeave } from '../store/leave.ts'
import type { MountPoint } from '../store/mount-point.ts'
import { type ContainerRecord, writeRecord } from '../store/record.ts'
import { hasFiles } from '../store/state.ts'
import { isoTime } from '../store/time.ts'
import { backgroundOptions } from './background.ts'
import type { Front } from './front.ts'
import { planGroups } from './groups.ts'
import { effectiveHostname } from './hostname.ts'
import { askedMounts } from './mounts.ts'
import { perform } from './perform.ts'
import { type ContainerPlan, leaveOf, newNamespaces, performedPlan, planContainer } from './plan.ts'
import { type AskedPorts, askedPorts, heldPorts } from './ports.ts'
import { type Reservation, reserve } from './reserve.ts'

export interface StartInput {
  readonly layout: Layout
  readonly registry: DriverRegistry
  readonly drivers: Omit<Drivers, 'network'>
  /** The first is its way out. */
  readonly networks: readonly ResolvedNetwork[]
  /** Names of the drivers, for the record. */
  readonly names: ContainerRecord['drivers']
  readonly image: Image
  readonly request: RunRequest
  /** What a detached start says when it has succeeded; the id where undefined. */
  readonly announce?: string
  /** Is given a line for what the user should know. */
  readonly tell?: (line: string) => void
}

/**
 * Starts a container, behind a front that says what this process is to it then. See docs/architecture.md for the way of a run.
 *
 * @throws RtError with everything undone
 */
export const start = async <T>(input: StartInput, front: Front<T>): Promise<T> => {
  const { layout, registry, request } = input
  const id = newContainerId()
  const ports = await askedPorts(request, input.image.config.config, input.networks, input.tell)
  const mounts = await askedMounts(layout, request, input.image.config.config)
  const cgroups = await planGroups(input.drivers.isolation, id, request.spec, input.tell)
  const reservation = await reserve(layout, registry, {
    id,
    name: request.name,
    autoRemove: request.autoRemove,
    networks: input.networks.map(useOf),
    cgroups,
    mounts,
  })
  return launch(input, reservation, ports, mounts, front)
}

/** The rest of a start, of a container that is reserved. @throws RtError with everything undone */
export const launch = async <T>(
  input: StartInput,
  reservation: Reservation,
  asked: AskedPorts,
  mounts: readonly MountPoint[],
  front: Front<T>,
): Promise<T> => {
  const { layout, drivers, networks, request } = input
  const { id, cgroups, existing } = reservation
  let stage: Stage | undefined
  let held: HeldPorts | undefined
  const lifeline = createLifeline()
  let { leave } = reservation
  try {
    const shared =
      request.spec.pid === undefined
        ? undefined
        : (await import('./shared-pid.ts')).sharedPid(layout, request.spec, cgroups)
    perform(cgroups.enter)
    // The stage makes the network namespace and joins the cgroups, which may wait for locks of the kernel's, while the rest is planned.
    const newNetwork = networks[0]?.driver.namespace === 'new'
    const stdin = request.stdin === 'inherit'
    stage = front.startStage(cgroups.directories, { tty: request.spec.tty === true, stdin, newNetwork })
    checkpoint()
    held = await heldPorts(layout, id, asked, networks)
    let netns: Netns | undefined
    let settled: ContainerPlan['enter'] = []
    const plan = await planContainer({
      drivers,
      networks,
      ports: held.ports,
      layout,
      identity: { id, name: reservation.name, hostname: effectiveHostname(request, { id }, networks[0]) },
      cgroups,
      request,
      mounts,
      image: input.image,
      ...(existing && { resume: hasFiles(layout, id), env: {} }),
      settle: async (join, network) => {
        leave = { ...leave, leave: [...network.leave, ...cgroups.leave] }
        writeLeave(layout, id, leave)
        netns = await networkFor(network, stage as Stage, newNetwork)
        perform(network.enter, netns, lifeline)
        settled = network.enter
        const { settledNetworks } = await import('../networks/settle.ts')
        return settledNetworks(join, network)
      },
    })
    checkpoint()
    leave = { ...leave, leave: leaveOf(plan) }
    writeLeave(layout, id, leave)
    netns ??= await networkFor(plan.network, stage, newNetwork)
    perform(plan.enter, netns, lifeline)
    const record = recordOf(input, reservation, plan, { ...asked, ports: held.ports })
    writeRecord(layout.record(id), record)
    writeFileSync(layout.plan(id), JSON.stringify(performedPlan({ ...plan, ...shared }, settled)), { mode: 0o600 })
    checkpoint()
    const testStopAt = remainingCheckpoints()
    const compiled = compilePlan({
      monitor: {
        statusFile: layout.status(id),
        ...(request.autoRemove ? { waitFile: layout.waited(id) } : { exitFile: layout.exit(id) }),
        events: eventsOfMonitor(layout, record, request.autoRemove),
        stdin: request.stdin,
        ...(request.detach && { detach: { announce: input.announce ?? id } }),
        ...(front.background && { background: backgroundOptions(layout, id, request) }),
        ...(cgroups.oomEvents !== undefined && { oomEvents: cgroups.oomEvents }),
        ...(plan.names.file.readonly && { keepOpen: plan.names.file.source }),
        onFailure: [...front.onFailure, id],
        onLeave: [...front.onLeave, id],
        leaveChanged: layout.leaveChanged(id),
      },
      cgroups: cgroups.directories,
      ...((request.restart?.name ?? 'no') !== 'no' && { laterCgroups: laterCgroups(cgroups) }),
      newNamespaces: newNamespaces(plan),
      ...shared,
      sandbox: plan.launch.sandbox,
      leave: [...leave.leave, ...(leave.autoRemove ? leave.discard : []), forgetStep(layout, id)],
      ...(testStopAt !== undefined && { testStopAt }),
    })
    front.beforeShim?.(id)
    if (!existing) appendEvent(layout, 'create', record)
    const ports = held
    // Not awaited: from here on the shim tells what fails, and the front undoes it.
    return front.begin(compiled, {
      record,
      stage,
      ...(netns && { netnsFd: netns.fd }),
      lockFd: reservation.lock.fd,
      heldFds: [...ports.fds, ...lifeline.held],
      stdin,
      close: () => {
        reservation.lock.release()
        netns?.close()
        ports.close()
        lifeline.close()
      },
    })
  } catch (error) {
    stage?.cancel()
    held?.close()
    lifeline.close()
    // The first error is the one to tell; what could not be undone is left to the next reconciliation.
    if (existing && leave.discard.length === 0) writeFailedStart(layout, id, isRtError(error) ? error.exitCode : 125)
    giveBack(layout, id, [...leave.leave, ...leave.discard])
    throw error
  }
}

const networkFor = async (
  network: ContainerPlan['network'],
  stage: Stage,
  isMade: boolean,
): Promise<Netns | undefined> => {
  if (network.namespace === 'new') return isMade ? stage.network() : createNetns()
  if (network.namespace === 'host') return undefined
  const { openJoined } = await import('../networks/container-mode.ts')
  return openJoined(network)
}

/** Those that `update` or `pause` may make: the way back names them all. */
const laterCgroups = ({ directories, leave }: CgroupPlan): string[] =>
  leave.flatMap((step) => (step.op === 'cgroup.remove' && !directories.includes(step.path) ? [step.path] : []))

/** The image's labels are its containers', too: filters and events know no difference. */
const labelled = (request: RunRequest, { config: { config } }: Image): RunRequest =>
  config?.Labels ? { ...request, labels: { ...config.Labels, ...request.labels } } : request

export const recordOf = (
  input: Pick<StartInput, 'image' | 'names' | 'networks' | 'request'>,
  { id, name, existing }: Pick<Reservation, 'id' | 'name' | 'existing'>,
  plan: ContainerPlan,
  { ports, exposed }: Pick<ContainerRecord, 'ports' | 'exposed'>,
): ContainerRecord => {
  const now = {
    spec: plan.spec,
    networks: plan.network.connected,
    ...(plan.mounts.length > 0 && { mountPoints: plan.mounts }),
    ...(ports && ports.length > 0 && { ports }),
    ...(exposed && { exposed }),
  }
  if (existing) {
    const { ports: _, idlePorts: __, ...before } = existing
    return { ...before, ...now }
  }
  const wishes = input.networks.map(({ wish }) => wish)
  return {
    version: 1,
    id,
    name,
    created: isoTime(Date.now()),
    image: { id: input.image.id, name: input.request.image },
    drivers: input.names,
    autoRemove: input.request.autoRemove,
    request: labelled(settled(input.request, wishes, process.env), input.image),
    ...now,
  }
}
