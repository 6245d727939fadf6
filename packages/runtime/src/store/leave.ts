import { readFileSync } from 'node:fs'
import type { ContainerId, HostStep } from '@rt/driver-api'
import { performLeave } from '@rt/native'
import type { Layout } from '../layout.ts'
import { writeAtomically } from './files.ts'
import { appendEvent } from './journal.ts'
import type { MountPoint } from './mount-point.ts'
import { readRecord } from './record.ts'
import { letGoSteps } from './volume-steps.ts'

/** `id`: of one that the user defined. */
export interface NetworkUse {
  readonly name: string
  readonly driver: string
  readonly id?: string
}

/** What must be undone when a container ends; on disk before the first step of its start. */
export interface LeavePlan {
  /** Those that it is connected to, or is about to be. */
  readonly networks: readonly NetworkUse[]
  /** After every end: leases, cgroups, what the drivers made on the host. */
  readonly leave: readonly HostStep[]
  /** Besides, when it never started or is not to be kept: its name and its directory. */
  readonly discard: readonly HostStep[]
  readonly autoRemove: boolean
}

export const writeLeave = (layout: Layout, id: ContainerId, plan: LeavePlan): void =>
  writeAtomically(layout.leave(id), JSON.stringify(plan))

/** undefined: rt was killed before it wrote one, so before it did anything. */
export const readLeave = (layout: Layout, id: ContainerId): LeavePlan | undefined => {
  try {
    return JSON.parse(readFileSync(layout.leave(id), 'utf8')) as LeavePlan
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * The name and the directory go together: a name without a directory would be taken for ever.
 *
 * @param withAnonymous volumes that nobody has named go, too
 */
export const discardSteps = (
  layout: Layout,
  id: ContainerId,
  name: string,
  mounts: readonly MountPoint[] = [],
  withAnonymous = true,
): HostStep[] => [
  ...letGoSteps(layout, id, mounts, withAnonymous),
  { where: 'host', op: 'file.remove', path: layout.name(name), holding: id, why: 'The name is free again.' },
  {
    where: 'host',
    op: 'tree.remove',
    path: layout.container(id),
    why: 'The record and the writable layer go with the container.',
  },
]

/** Last of all, because it holds the list of what is left to do. */
export const forgetStep = (layout: Layout, id: ContainerId): HostStep => ({
  where: 'host',
  op: 'tree.remove',
  path: layout.run(id),
  why: 'Nothing of this container lives any more.',
})

/** All that is left to do after a container has ended as it should; what could not be done stays for the next reconciliation. */
export const cleanUpAfter = (layout: Layout, id: ContainerId): Error[] => {
  const plan = readLeave(layout, id)
  const record = plan?.autoRemove ? readRecord(layout.record(id)) : undefined
  const errors = giveBack(layout, id, plan ? [...plan.leave, ...(plan.autoRemove ? plan.discard : [])] : [])
  if (record) appendEvent(layout, 'destroy', record)
  return errors
}

/** Performs the steps and, only when all of them succeeded, forgets the container: its run directory is the list of what is left to do. */
export const giveBack = (layout: Layout, id: ContainerId, steps: readonly HostStep[]): Error[] => {
  const errors = performLeave(steps)
  return errors.length > 0 ? errors : performLeave([forgetStep(layout, id)])
}
