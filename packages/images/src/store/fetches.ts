import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type FileLock, lock, tryLock } from '@rt/native'
import type { Layout } from './layout.ts'
import { namesIn } from './read.ts'

const LOCK = '.lock'

/** The right to fetch one layer: whoever has it is the only one in this machine. A crash lets go of it and leaves what was fetched. */
export interface Fetch {
  /** Where the archive grows; it may have a beginning from last time. */
  readonly partial: string
  /** Nobody needs what was fetched any more: it is in the store, or wrong. */
  discard(): void
  /** The beginning stays, for the next attempt to go on from. Also after `discard`. */
  release(): void
}

/**
 * `diffId`, `digest`: hexadecimal, of the layer and of its archive. Somebody else has it: undefined, or with `wait` the right once he is done;
 * that blocks the thread.
 */
export const claimFetch = (
  layout: Layout,
  diffId: string,
  digest: string,
  { wait }: { readonly wait: boolean },
): Fetch | undefined => {
  const path = join(layout.fetch, diffId + LOCK)
  const held = wait ? lock(path) : tryLock(path)
  if (held === undefined) return undefined
  return {
    partial: join(layout.fetch, `${diffId}.${digest}`),
    discard: () => discard(layout, diffId, held),
    release: () => held.release(),
  }
}

/** Removes the beginnings that nobody is going on with. Answers their bytes. */
export const sweepFetches = (layout: Layout): number => {
  let bytes = 0
  for (const name of namesIn(layout.fetch)) {
    if (!name.endsWith(LOCK)) continue
    const held = tryLock(join(layout.fetch, name))
    if (held === undefined) continue
    bytes += discard(layout, name.slice(0, -LOCK.length), held)
    held.release()
  }
  return bytes
}

/** The lock file goes last, and while it is held: a part without one is nobody's. */
const discard = (layout: Layout, diffId: string, held: FileLock): number => {
  let bytes = 0
  for (const name of namesIn(layout.fetch)) {
    if (!name.startsWith(`${diffId}.`) || name.endsWith(LOCK)) continue
    const path = join(layout.fetch, name)
    bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0
    rmSync(path, { force: true })
  }
  rmSync(held.path, { force: true })
  return bytes
}
