import { closeSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { errorCode, lock, performSteps } from '@rt/native'
import { O_PATH, openat2, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from '@rt/native/fsat'
import type { Layout } from '../layout.ts'
import type { MountPoint } from '../store/mount-point.ts'
import type { ContainerRecord } from '../store/record.ts'
import { dataOf, lockOf, markerOf } from '../volumes/store.ts'

/**
 * Fills a volume of a container that has never started as its first start would: whoever copies out of it sees what the container will see,
 * and what somebody copies into it does not take the place of that. By the rules of the shim's `inside.fill`.
 *
 * @param openRoot answers a descriptor of the container's root, which is taken over
 */
export const fillVolume = async (
  layout: Layout,
  { id }: ContainerRecord,
  { name, fill, destination }: MountPoint,
  openRoot: () => Promise<number>,
): Promise<void> => {
  if (name === undefined || !fill || existsSync(layout.filled(id, name))) return
  const root = await openRoot()
  const held = lock(lockOf(layout, name))
  try {
    if (existsSync(markerOf(layout, name)) || readdirSync(dataOf(layout, name)).length === 0)
      copy(root, destination, dataOf(layout, name), markerOf(layout, name))
    writeFileSync(layout.filled(id, name), '', { mode: 0o600 })
  } finally {
    held.release()
    closeSync(root)
  }
}

const copy = (root: number, path: string, to: string, marker: string): void => {
  const from = openInside(root, path)
  if (from === undefined) return
  try {
    writeFileSync(marker, '', { mode: 0o600 })
    // By this process's descriptor: no path leads to a root that is mounted nowhere.
    performSteps([
      {
        where: 'host',
        op: 'tree.copy',
        from: `/proc/${process.pid}/fd/${from}`,
        to,
        over: true,
        why: `A new volume begins with what the image has at ${path}.`,
      },
    ])
    rmSync(marker)
  } finally {
    closeSync(from)
  }
}

/** undefined: the image has no directory there. */
const openInside = (root: number, path: string): number | undefined => {
  try {
    return openat2(root, path.slice(1), {
      flags: O_PATH | constants.O_DIRECTORY,
      resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    })
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined
    throw error
  }
}
