import { mkdirSync, readlinkSync, symlinkSync } from 'node:fs'
import { type CgroupPlan, type ContainerId, RtError, shortId } from '@rt/driver-api'
import { type FileLock, lock, tryLock } from '@rt/native'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import { isName } from '../store/find.ts'
import { randomName } from '../store/identity.ts'
import { discardSteps, writeLeave } from '../store/leave.ts'
import { makeStore } from '../store/prepare.ts'
import { reconcile } from '../store/reconcile.ts'

export interface Reservation {
  readonly id: ContainerId
  readonly name: string
  /** Held by whoever keeps the container alive: rt now, the shim later. */
  readonly lock: FileLock
}

export interface ReservationRequest {
  readonly id: ContainerId
  readonly name: string | undefined
  readonly autoRemove: boolean
  readonly network: string
  readonly cgroups: CgroupPlan
}

/**
 * Claims id, name and directories, under the store's lock. How to give everything back is on disk before the first of it exists.
 *
 * @throws RtError RT_NAME_TAKEN, RT_NAME_INVALID
 */
export const reserve = async (
  layout: Layout,
  registry: DriverRegistry,
  request: ReservationRequest,
): Promise<Reservation> => {
  if (request.name !== undefined && !isName(request.name))
    throw new RtError('RT_NAME_INVALID', `"${request.name}" is not a valid container name`)
  makeStore(layout)
  const store = lock(layout.storeLock)
  try {
    await reconcile(layout, registry)
    const name = request.name ?? freeName(layout)
    if (nameHolder(layout, name) !== undefined) throw nameTaken(layout, name)
    return claim(layout, request, name)
  } finally {
    store.release()
  }
}

const claim = (layout: Layout, request: ReservationRequest, name: string): Reservation => {
  const { id } = request
  mkdirSync(layout.run(id), { mode: 0o700 })
  const held = tryLock(layout.lock(id))
  if (!held) throw new RtError('RT_INTERNAL', `the lock of the new container ${shortId(id)} is taken`)
  writeLeave(layout, id, {
    network: request.network,
    leave: request.cgroups.leave,
    discard: discardSteps(layout, id, name),
    autoRemove: request.autoRemove,
  })
  mkdirSync(layout.container(id), { mode: 0o700 })
  symlinkSync(id, layout.name(name))
  return { id, name, lock: held }
}

const nameHolder = (layout: Layout, name: string): ContainerId | undefined => {
  try {
    return readlinkSync(layout.name(name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const nameTaken = (layout: Layout, name: string): RtError =>
  new RtError('RT_NAME_TAKEN', `The container name "${name}" is taken by ${shortId(nameHolder(layout, name) ?? '')}`, {
    remedy: `Remove that container with \`rt rm ${name}\`, or choose another name.`,
  })

const freeName = (layout: Layout): string => {
  let name = randomName()
  for (let n = 2; nameHolder(layout, name) !== undefined; n++) name = `${randomName()}_${n}`
  return name
}
