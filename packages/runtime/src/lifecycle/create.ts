import type { ContainerId, HostStep } from '@rt/driver-api'
import { performLeave } from '@rt/native'
import { checkpoint } from '../checkpoint.ts'
import { newContainerId } from '../identity.ts'
import type { Layout } from '../layout.ts'
import { disconnected } from '../networks/join.ts'
import { useOf } from '../networks/resolve.ts'
import { planGroups } from '../run/groups.ts'
import { effectiveHostname } from '../run/hostname.ts'
import { askedMounts } from '../run/mounts.ts'
import { planContainer } from '../run/plan.ts'
import { type AskedPorts, askedPorts } from '../run/ports.ts'
import { type Reservation, reserve } from '../run/reserve.ts'
import { recordOf, type StartInput } from '../run/start.ts'
import { appendEvent } from '../store/journal.ts'
import { giveBack } from '../store/leave.ts'
import type { MountPoint } from '../store/mount-point.ts'
import { type ContainerRecord, writeRecord } from '../store/record.ts'

export type CreateInput = Pick<
  StartInput,
  'layout' | 'registry' | 'drivers' | 'networks' | 'names' | 'image' | 'request' | 'tell'
>

/** A container joins its cgroups when it starts. */
const NO_CGROUPS = { enter: [], directories: [], leave: [] }

/**
 * Makes a container that does not run yet: name, directory, record. It is planned as if it ran, so that what cannot be planned is said
 * now, and what the plan took (a lease) is given back.
 *
 * @throws RtError with everything undone
 */
export const createContainer = async (input: CreateInput): Promise<ContainerId> => {
  const { layout, registry, networks, request } = input
  const id = newContainerId()
  const ports = await askedPorts(request, input.image.config.config, networks, input.tell)
  const mounts = await askedMounts(layout, request, input.image.config.config)
  // For what it says: limits that cannot be are no container's.
  await planGroups(input.drivers.isolation, id, request.spec, input.tell)
  const reservation = await reserve(layout, registry, {
    id,
    name: request.name,
    autoRemove: request.autoRemove,
    networks: networks.map(useOf),
    cgroups: NO_CGROUPS,
    mounts,
  })
  try {
    appendEvent(layout, 'create', await commit(input, reservation, ports, mounts))
  } catch (error) {
    giveBack(layout, id, reservation.leave.discard)
    throw error
  } finally {
    reservation.lock.release()
  }
  return id
}

const commit = async (
  input: CreateInput,
  reservation: Reservation,
  { exposed }: AskedPorts,
  mounts: readonly MountPoint[],
): Promise<ContainerRecord> => {
  const { layout, drivers, networks, image, request } = input
  const { id, name } = reservation
  checkpoint()
  const identity = { id, name, hostname: effectiveHostname(request, { id }, networks[0]) }
  const plan = await planContainer({ drivers, networks, layout, identity, cgroups: NO_CGROUPS, request, mounts, image })
  checkpoint()
  const [error] = performLeave(plan.network.leave)
  if (error) throw error
  checkpoint()
  const record = recordOf(input, reservation, plan, exposed ? { exposed } : {})
  writeRecord(layout.record(id), { ...record, networks: networks.map(disconnected) })
  checkpoint()
  // With the way back gone it is made: up to here a crash leaves nothing, from here on it is kept.
  for (const step of liveNoMore(layout, id)) {
    const [failed] = performLeave([step])
    if (failed) throw failed
    checkpoint()
  }
  return record
}

const liveNoMore = (layout: Layout, id: ContainerId): HostStep[] => [
  { where: 'host', op: 'file.remove', path: layout.leave(id), why: 'The container is to be kept.' },
  { where: 'host', op: 'file.remove', path: layout.lock(id), why: 'It does not live yet.' },
  { where: 'host', op: 'dir.remove', path: layout.run(id), why: 'It does not live yet.' },
]
