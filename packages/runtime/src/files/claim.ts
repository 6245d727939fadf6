import { mkdirSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { isLocked, performLeave, tryLock } from '@rt/native'
import { forgetStep } from '../store/leave.ts'
import { lockStore } from '../store/lock.ts'
import { makeStore } from '../store/prepare.ts'
import { reconcile } from '../store/reconcile.ts'
import type { ContainerRecord } from '../store/record.ts'
import type { FilesContext } from './context.ts'

/**
 * Keeps a stopped container from being started or removed, until the answered function is called: two overlay mounts with one upper
 * directory would destroy it. Held by the same lock as a life of the container: it ends with this process at the latest, and the next
 * reconciliation takes the directory away. Errors: RT_CONTAINER_RUNNING.
 */
export const claimStopped = async (
  { layout, registry }: Pick<FilesContext, 'layout' | 'registry'>,
  { id, name }: Pick<ContainerRecord, 'id' | 'name'>,
): Promise<() => void> => {
  makeStore(layout)
  const store = await lockStore(layout)
  try {
    await reconcile(layout, registry)
    if (isLocked(layout.lock(id))) throw busy(name)
    mkdirSync(layout.run(id), { mode: 0o700, recursive: true })
    const held = tryLock(layout.lock(id))
    if (held === undefined) throw busy(name)
    return () => {
      try {
        const [error] = performLeave([forgetStep(layout, id)])
        if (error) throw error
      } finally {
        held.release()
      }
    }
  } finally {
    store.release()
  }
}

const busy = (name: string): RtError =>
  new RtError('RT_CONTAINER_RUNNING', `The container ${name} is just being started, or its files are being written`, {
    remedy: 'Try again in a moment.',
  })
