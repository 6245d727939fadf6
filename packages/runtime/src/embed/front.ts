import type { FileLock } from '@rt/native'
import { type FrontOptions, type ShimFront, StartFailure, shimPath, spawnBackground, spawnClient } from '@rt/native'
import type { Layout } from '../layout.ts'
import { undoFailedStart } from '../run/failed.ts'
import type { Front, Prepared } from '../run/front.ts'
import { disown, own } from '../store/owner.ts'
import type { ContainerRecord } from '../store/record.ts'

/** A container that was just started by this process. */
export interface Started {
  readonly record: ContainerRecord
  readonly shim: ShimFront
  /** undefined: it belongs to nobody. */
  readonly owner?: FileLock
}

export interface SpawnedOptions extends Pick<FrontOptions, 'stdout' | 'stderr'> {
  readonly layout: Layout
  readonly owned: boolean
  readonly signal?: AbortSignal | undefined
}

/** This process goes on, with the shim as a child in front of the container. */
export const spawned = ({ layout, owned, signal, stdout, stderr }: SpawnedOptions): Front<Started> => ({
  background: true,
  // What fails is told to this process, and what is left to do at the end it does as well: see `Watch`.
  onFailure: [],
  onLeave: [shimPath(), 'later'],
  beforeShim: () => signal?.throwIfAborted(),
  startStage: spawnBackground,
  begin: (plan, prepared) => {
    const { record, stage, netnsFd, lockFd, heldFds, stdin } = prepared
    const owner = owned ? own(layout, record.id) : undefined
    let shim: ShimFront
    try {
      shim = spawnClient(plan, {
        monitor: stage,
        ...(netnsFd !== undefined && { netnsFd }),
        lockFd,
        heldFds,
        stdin,
        stdout: owned ? stdout : 'ignore',
        stderr: owned ? stderr : 'ignore',
      })
    } catch (error) {
      if (owner) disown(layout, record.id, owner)
      throw error
    }
    return started(layout, prepared, shim, owner)
  },
})

const started = async (
  layout: Layout,
  { record, close }: Prepared,
  shim: ShimFront,
  owner: FileLock | undefined,
): Promise<Started> => {
  try {
    await shim.started
    return { record, shim, ...(owner && { owner }) }
  } catch (error) {
    shim.close()
    const failure = error instanceof StartFailure ? undoFailedStart(layout, record.id, error) : error
    if (owner) disown(layout, record.id, owner)
    throw failure
  } finally {
    // The monitor has them; until here they were this process's as well, so that nobody else cleaned up after a start that fails.
    close()
  }
}
