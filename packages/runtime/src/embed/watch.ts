import { existsSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { openWord, wordOf } from '../lifecycle/wait.ts'
import { Changes } from '../look/changes.ts'
import { Life } from '../look/life.ts'
import type { Parts } from '../runtime/parts.ts'
import type { ContainerRecord } from '../store/record.ts'
import { containerState, type End, isLive, readEnd } from '../store/state.ts'

/**
 * Waits until a container has ended for good and everything of its end is done, without holding the thread: its directory is watched by
 * inotify, its first process by a pidfd. What the shim cannot clean up is cleaned up here.
 *
 * @returns undefined: it has never run
 * @throws RtError RT_CONTAINER_EPHEMERAL for one of --rm whose exit status went with it; the reason of an aborted signal
 */
export const containerEnd = async (
  rt: Parts,
  { id, name, autoRemove }: ContainerRecord,
  signal?: AbortSignal,
): Promise<End | undefined> => {
  const { layout } = rt
  signal?.throwIfAborted()
  if (!isLive(containerState(layout, id)) && !existsSync(layout.run(id))) return readEnd(layout, id)
  const word = autoRemove ? openWord(layout.waited(id)) : undefined
  let end: End | undefined
  do {
    await lifeEnds(rt, id, signal)
    if (existsSync(layout.run(id))) await rt.reconcile()
    end = (word === undefined ? undefined : wordOf(word)) ?? readEnd(layout, id)
    // Somebody was so quick to start it again that nobody can read how it had ended: then this one's end is waited for.
  } while (end === undefined && isLive(containerState(layout, id)))
  if (end === undefined && autoRemove)
    throw new RtError('RT_CONTAINER_EPHEMERAL', `The container ${name} has ended, and its exit status went with it`)
  return end
}

const lifeEnds = async ({ layout }: Parts, id: string, signal: AbortSignal | undefined): Promise<void> => {
  const changes = new Changes([layout.run(id)])
  const life = new Life(layout, id, changes.notify)
  signal?.addEventListener('abort', changes.notify)
  try {
    while (life.goesOn()) {
      await changes.next()
      signal?.throwIfAborted()
    }
  } finally {
    signal?.removeEventListener('abort', changes.notify)
    life.close()
    changes.close()
  }
}
