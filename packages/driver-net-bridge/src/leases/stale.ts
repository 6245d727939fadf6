import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerId } from '@rt/driver-api'
import { DRAFT, leasesDirectory } from './lease-store.ts'

interface FoundLease {
  readonly path: string
  readonly time: number
  readonly inode: number
}

/**
 * The files to remove so that only containers of `live` hold addresses of a bridge. One that holds those of several starts keeps
 * what the newest of them leased: the leases of one start are the same file.
 */
export const staleLeases = (bridgeDirectory: string, live: ReadonlySet<ContainerId>): readonly string[] => {
  const directory = leasesDirectory(bridgeDirectory)
  if (!existsSync(directory)) return []
  const stale: string[] = []
  const kept = new Map<ContainerId, FoundLease[]>()
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    if (name.startsWith(DRAFT)) {
      if (!live.has(name.slice(DRAFT.length))) stale.push(path)
      continue
    }
    const lease = readLease(path)
    if (lease === undefined) continue
    if (!live.has(lease.id)) stale.push(path)
    else kept.set(lease.id, [...(kept.get(lease.id) ?? []), lease])
  }
  for (const leases of kept.values()) {
    const newest = leases.reduce((best, lease) => (lease.time > best.time ? lease : best))
    // A start that was killed before its clean-up was on disk leaves a lease that names a container which lives again.
    stale.push(...leases.filter(({ inode }) => inode !== newest.inode).map(({ path }) => path))
  }
  return stale
}

/** undefined: given back since the directory was read. */
const readLease = (path: string): (FoundLease & { readonly id: ContainerId }) | undefined => {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  try {
    return { id: readFileSync(path, 'utf8').trim(), path, time: stat.mtimeMs, inode: stat.ino }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
