import { renameSync, rmSync } from 'node:fs'
import type { ContainerId } from '@rt/driver-api'
import { type FileLock, isLocked, killProcess, lock, performLeave, waitUnlocked } from '@rt/native'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import { listIfThere } from './files.ts'
import { appendEvent } from './journal.ts'
import { discardSteps } from './leave.ts'
import { isOfNames, withNamesOf } from './owned-names.ts'
import { readRecord } from './record.ts'
import { readInit } from './state.ts'
import { thaw } from './thaw.ts'

/** A container that belongs to this process: it is removed when this one lets go of it, or has ended. */
export const own = (layout: Layout, id: ContainerId): FileLock => {
  // Under a name that nobody looks at: one that is seen without being locked would be an orphan's.
  const draft = `${layout.owned}/.${id}`
  const held = lock(draft)
  renameSync(draft, layout.owner(id))
  return held
}

/** After the container itself is gone: until then its owner is what gets it removed. */
export const disown = (layout: Layout, id: ContainerId, owner: FileLock): void => {
  rmSync(layout.owner(id), { force: true })
  owner.release()
}

/** Containers whose owner has gone without removing them, or owners of names: see `ownNames`. */
export const orphans = (layout: Layout): ContainerId[] =>
  listIfThere(layout.owned).filter((id) => !id.startsWith('.') && !isLocked(layout.owner(id)))

/** Removes them. Under the store's lock. */
export const removeOrphans = async (layout: Layout, registry: DriverRegistry): Promise<Error[]> => {
  const errors: Error[] = []
  for (const id of orphans(layout))
    errors.push(...(await (isOfNames(id) ? removeNamed : removeOrphan)(layout, registry, id)))
  return errors
}

/** One that is being started just now is left to the next one: its rt may wait for the store. */
const removeNamed = async (layout: Layout, registry: DriverRegistry, owner: string): Promise<Error[]> => {
  const errors: Error[] = []
  let starting = false
  for (const id of withNamesOf(layout, owner))
    if (isLocked(layout.lock(id)) && readInit(layout, id) === undefined) starting = true
    else errors.push(...(await removeOrphan(layout, registry, id)))
  if (errors.length === 0 && !starting) rmSync(layout.owner(owner), { force: true })
  return errors
}

const removeOrphan = async (layout: Layout, registry: DriverRegistry, id: ContainerId): Promise<Error[]> => {
  const errors: Error[] = []
  if (isLocked(layout.lock(id))) {
    // Its client has been killed as well, which would have ended it; or it is being ended just now.
    const init = readInit(layout, id)
    if (init) {
      errors.push(...(await thaw(layout, registry, id)))
      killProcess(init.pid, init.startTime)
    }
    waitUnlocked(layout.lock(id))
  }
  const record = readRecord(layout.record(id))
  if (record) {
    errors.push(...performLeave(discardSteps(layout, id, record.name, record.mountPoints)))
    appendEvent(layout, 'destroy', record)
  }
  if (errors.length === 0) rmSync(layout.owner(id), { force: true })
  return errors
}
