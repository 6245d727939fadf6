import { mkdirSync, symlinkSync } from 'node:fs'
import { type CgroupPlan, type ContainerId, RtError, shortId } from '@rt/driver-api'
import { type FileLock, tryLock } from '@rt/native'
import type { DriverRegistry } from '../drivers/registry.ts'
import { randomName } from '../identity.ts'
import type { Layout } from '../layout.ts'
import { readNetwork } from '../networks/store.ts'
import { nameHolder } from '../store/find.ts'
import { discardSteps, giveBack, type LeavePlan, type NetworkUse, writeLeave } from '../store/leave.ts'
import { lockStore } from '../store/lock.ts'
import type { MountPoint } from '../store/mount-point.ts'
import { checkName, freeName } from '../store/names.ts'
import { refuseOrphanedName } from '../store/owned-names.ts'
import { makeStore } from '../store/prepare.ts'
import { reconcile } from '../store/reconcile.ts'
import type { ContainerRecord } from '../store/record.ts'
import { claimMounts } from './mounts.ts'

export interface Reservation {
  readonly id: ContainerId
  readonly name: string
  /** Held by whoever keeps the container alive: rt now, the shim later. */
  readonly lock: FileLock
  /** As it is on disk. */
  readonly leave: LeavePlan
  readonly cgroups: CgroupPlan
  /** A container that was there before and stays when this start fails. */
  readonly existing?: ContainerRecord
}

export interface ReservationRequest {
  readonly id: ContainerId
  readonly name: string | undefined
  readonly autoRemove: boolean
  readonly networks: readonly NetworkUse[]
  readonly cgroups: CgroupPlan
  readonly mounts: readonly MountPoint[]
}

/**
 * Claims id, name and directories, under the store's lock. How to give everything back is on disk before the first of it exists.
 *
 * @throws RtError RT_NAME_TAKEN, RT_NAME_INVALID, RT_VOLUME_UNKNOWN
 */
export const reserve = async (
  layout: Layout,
  registry: DriverRegistry,
  request: ReservationRequest,
): Promise<Reservation> => {
  if (request.name !== undefined) checkName(request.name)
  makeStore(layout)
  const store = await lockStore(layout)
  try {
    await reconcile(layout, registry)
    checkNetworks(layout, request.networks)
    const name = request.name ?? unusedName(layout)
    refuseOrphanedName(layout, name)
    freeName(layout, name)
    const reservation = claim(layout, request, name)
    try {
      await claimMounts(layout, request.id, request.mounts, true)
    } catch (error) {
      giveBack(layout, request.id, reservation.leave.discard)
      reservation.lock.release()
      throw error
    }
    return reservation
  } finally {
    store.release()
  }
}

/**
 * From here on, under the store's lock, a network that the user defined is in use and cannot be removed: it must not have been before.
 *
 * @throws RtError RT_NET_UNKNOWN
 */
const checkNetworks = (layout: Layout, networks: readonly NetworkUse[]): void => {
  const gone = networks.find(({ name, id }) => id !== undefined && readNetwork(layout, name)?.definition.id !== id)
  if (gone) throw new RtError('RT_NET_UNKNOWN', `The network ${gone.name} has just been removed`)
}

const claim = (layout: Layout, request: ReservationRequest, name: string): Reservation => {
  const { id, cgroups } = request
  const leave: LeavePlan = {
    networks: request.networks,
    leave: cgroups.leave,
    discard: discardSteps(layout, id, name, request.mounts),
    autoRemove: request.autoRemove,
  }
  const held = claimLife(layout, id, leave)
  mkdirSync(layout.container(id), { mode: 0o700 })
  symlinkSync(id, layout.name(name))
  return { id, name, lock: held, leave, cgroups }
}

/**
 * From here on the container lives: its run directory with the lock, and how to give everything back. Under the store's lock.
 *
 * @throws EEXIST where it lives already
 */
export const claimLife = (layout: Layout, id: ContainerId, leave: LeavePlan): FileLock => {
  mkdirSync(layout.run(id), { mode: 0o700 })
  const held = tryLock(layout.lock(id))
  if (!held) throw new RtError('RT_INTERNAL', `the lock of the container ${shortId(id)} is taken`)
  writeLeave(layout, id, leave)
  return held
}

const unusedName = (layout: Layout): string => {
  let name = randomName()
  for (let n = 2; nameHolder(layout, name) !== undefined; n++) name = `${randomName()}_${n}`
  return name
}
