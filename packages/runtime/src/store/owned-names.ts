import { rmSync } from 'node:fs'
import { type ContainerId, RtError } from '@rt/driver-api'
import { type FileLock, isLocked, lock } from '@rt/native'
import { newContainerId } from '../identity.ts'
import type { Layout } from '../layout.ts'
import { listIfThere } from './files.ts'
import { nameHolder } from './find.ts'

/** Names for containers that another process starts for this one: whoever has such a name belongs to this process, from the moment that it has it. */
export interface OwnedNames {
  /** One more. */
  next(): string
  /** When none of them is left. */
  release(): void
}

const NAME = /^(rt-compare-[0-9a-f]{16})-\d+$/
const OWNER = /^rt-compare-/

/** Whether what lies in `owned` is not a container's but that of many names. */
export const isOfNames = (owner: string): boolean => OWNER.test(owner)

export const ownNames = (layout: Layout): OwnedNames => {
  const owner = `rt-compare-${newContainerId().slice(0, 16)}`
  const held: FileLock = lock(layout.owner(owner))
  let made = 0
  return {
    next: () => `${owner}-${++made}`,
    release: () => {
      rmSync(layout.owner(owner), { force: true })
      held.release()
    },
  }
}

/** Containers that have such names. */
export const withNamesOf = (layout: Layout, owner: string): ContainerId[] =>
  listIfThere(layout.names).flatMap((name) => (ownerOf(name) === owner ? (nameHolder(layout, name) ?? []) : []))

/**
 * Called under the store's lock, as reconciliation is: nobody takes a name of an owner whose containers have been removed because it has gone.
 *
 * @throws RtError RT_NAME_INVALID
 */
export const refuseOrphanedName = (layout: Layout, name: string): void => {
  const owner = ownerOf(name)
  if (owner === undefined || isLocked(layout.owner(owner))) return
  throw new RtError('RT_NAME_INVALID', `The name "${name}" is of a comparison that has ended`)
}

const ownerOf = (name: string): string | undefined => NAME.exec(name)?.[1]
