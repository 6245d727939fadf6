import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { type FileLock, lock, tryLock } from '@rt/native'
import { newContainerId } from '../../identity.ts'

/** Where a driver is put together or taken apart, on the same file system as the installed ones and not seen by whoever looks for them. */
export interface Staging {
  /** Not made yet. */
  readonly folder: string
  /** Removes all of it that is still there. */
  release(): void
}

/** A new one. Those of killed processes are removed: each is held by the lock of a file beside it, which may be gone where npm went on after that. */
export const makeStaging = (root: string): Staging => {
  const directory = `${root}/drivers`
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const others = new Set(readdirSync(directory).flatMap((name) => /^\.staging-[0-9a-f]{16}/.exec(name)?.[0] ?? []))
  for (const other of others) {
    const left = tryLock(`${directory}/${other}.lock`)
    if (left) remove(`${directory}/${other}`, left)
  }
  const folder = `${directory}/.staging-${newContainerId().slice(0, 16)}`
  const held = lock(`${folder}.lock`)
  return { folder, release: () => remove(folder, held) }
}

const remove = (folder: string, held: FileLock): void => {
  for (const path of [folder, held.path]) rmSync(path, { recursive: true, force: true })
  held.release()
}
