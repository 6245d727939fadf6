import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type FileLock, holdsUnrelated, lock, tryLock } from '@rt/native'
import { diskFull } from './disk-full.ts'
import type { Layout } from './layout.ts'
import { namesIn } from './read.ts'

/** Runs `work` while nobody else changes the store. `work` is synchronous and short: the lock blocks other threads. Errors: RT_DISK_FULL. */
export const locked = <T>(layout: Layout, work: () => T): T => {
  let held: FileLock | undefined
  try {
    for (const name of ['base', 'references', 'configs', 'layers', 'blobs', 'sources', 'fetch', 'tmp'] as const)
      mkdirSync(layout[name], { recursive: true, mode: 0o700 })
    held = lock(layout.lock)
    return work()
  } catch (error) {
    throw diskFull(error, 'what describes its images')
  } finally {
    held?.release()
  }
}

/** A directory of one's own below `tmp`. As long as its lock is held it is somebody's; a crash lets go of the lock. */
export interface Workspace {
  readonly path: string
  /** Keeps the layer with that hexadecimal diffID in the store as long as the work goes on. To be called under the store's lock. */
  pin(hex: string): void
  /** Removes the directory. Links are not followed. */
  dispose(): void
}

/**
 * Also clears away what crashed writers have left. To be called under the store's lock. The lock file lies beside the directory, is
 * made before it and removed after it: a directory whose lock nobody holds is therefore a leftover, at every moment.
 */
export const makeWorkspace = (layout: Layout): Workspace => {
  for (const name of namesIn(layout.tmp)) {
    if (!name.endsWith(LOCK)) continue
    const path = join(layout.tmp, name.slice(0, -LOCK.length))
    const held = tryLock(path + LOCK)
    if (held !== undefined) discard(path, held)
  }
  const path = join(layout.tmp, randomName())
  const held = lock(path + LOCK)
  mkdirSync(path, { mode: 0o700 })
  // The trees of its layers are made in it.
  holdsUnrelated(path)
  const pin = (hex: string): void => writeFileSync(join(path, PIN + hex), '', { mode: 0o600 })
  return { path, pin, dispose: () => discard(path, held) }
}

/** Hexadecimal diffIDs of layers that somebody at work counts on. To be called under the store's lock, after `makeWorkspace`. */
export const pinnedLayers = (layout: Layout): string[] =>
  namesIn(layout.tmp)
    .filter((name) => !name.endsWith(LOCK))
    .flatMap((name) => namesIn(join(layout.tmp, name)))
    .filter((name) => name.startsWith(PIN))
    .map((name) => name.slice(PIN.length))

const PIN = 'pin-'

/** How the name of a workspace's lock ends. */
export const LOCK = '.lock'

const randomName = (): string => randomBytes(8).toString('hex')

const discard = (path: string, held: FileLock): void => {
  try {
    rmSync(path, { recursive: true, force: true })
    rmSync(held.path, { force: true })
  } finally {
    held.release()
  }
}

/** Readers see the old content or the new one, also after a power failure. `workspace` is on the same file system as `path`. */
export const writeAtomically = (workspace: Workspace, path: string, content: string | Uint8Array): void => {
  const temporary = join(workspace.path, randomName())
  const fd = openSync(temporary, 'wx', 0o600)
  try {
    writeFileSync(fd, content)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(temporary, path)
  syncDirectory(dirname(path))
}

/** Makes the names in it last. */
export const syncDirectory = (path: string): void => {
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
