import { type FileLock, lockAsync } from '@rt/native'
import type { Layout } from '../layout.ts'

/** The last in the queue of this process for each store. */
const queues = new Map<string, Promise<void>>()

/**
 * Takes the store's lock, under which containers are created, reconciled and removed. Callers within one process take turns; another
 * process is waited for on a thread of its own. Whoever has it may wait for other things, but never for somebody who wants it too.
 */
export const lockStore = async ({ storeLock: path }: Layout): Promise<FileLock> => {
  const { promise: over, resolve: end } = Promise.withResolvers<void>()
  const before = queues.get(path)
  queues.set(path, over)
  const next = (): void => {
    if (queues.get(path) === over) queues.delete(path)
    end()
  }
  if (before) await before
  try {
    const held = await lockAsync(path)
    return {
      ...held,
      release: () => {
        held.release()
        next()
      },
    }
  } catch (error) {
    next()
    throw error
  }
}
