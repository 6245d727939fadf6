import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { RtError } from '@rt/driver-api'
import { type FileLock, isLocked, lock } from '@rt/native'
import type { Layout } from '../layout.ts'
import { listIfThere } from '../store/files.ts'
import { treeSize } from '../store/tree-size.ts'

/** A directory of one build alone. As long as its lock is held the build lives; a crash lets go of it. */
export interface Scratch {
  readonly path: string
  dispose(): void
}

/** Bytes on disk, and builds. */
export interface BuildCacheUsage {
  /** Layers that are kept for the next build. */
  readonly count: number
  /** Builds under way. */
  readonly active: number
  readonly size: number
  /** All of it, unless a build is under way. */
  readonly reclaimable: number
}

const SCRATCH = 'scratch-'
const LOCK = '.lock'

/**
 * A place for a build. Where builds were killed, `tidy` is called first, with no other under way: it takes away what they have left in the
 * builder's own storage.
 */
export const makeScratch = async (layout: Layout, tidy: () => Promise<void>): Promise<Scratch> => {
  mkdirSync(layout.buildCache, { recursive: true, mode: 0o700 })
  mkdirSync(layout.runRoot, { recursive: true, mode: 0o700 })
  const gate = lock(join(layout.buildCache, 'lock'))
  try {
    const { living, dead } = builds(layout)
    for (const path of dead) rmSync(path, { recursive: true, force: true })
    // Until nobody else builds, the locks are what tells that something is to be tidied.
    if (dead.length > 0 && living.length === 0) {
      await tidy()
      for (const path of dead) rmSync(path + LOCK, { force: true })
    }
    const { randomBytes } = process.getBuiltinModule('node:crypto')
    const path = join(layout.buildCache, SCRATCH + randomBytes(8).toString('hex'))
    const held = lock(path + LOCK)
    mkdirSync(path, { mode: 0o700 })
    return { path, dispose: () => discard(path, held) }
  } finally {
    gate.release()
  }
}

const discard = (path: string, held: FileLock): void => {
  rmSync(path, { recursive: true, force: true })
  rmSync(held.path, { force: true })
  held.release()
}

const builds = ({ buildCache }: Layout): { readonly living: string[]; readonly dead: string[] } => {
  const [living, dead]: [string[], string[]] = [[], []]
  for (const name of listIfThere(buildCache)) {
    if (!name.startsWith(SCRATCH) || !name.endsWith(LOCK)) continue
    const path = join(buildCache, name)
    ;(isLocked(path) ? living : dead).push(path.slice(0, -LOCK.length))
  }
  return { living, dead }
}

/** What is kept for the next build, and what was left of those that were killed. */
export const buildCacheUsage = (layout: Layout): BuildCacheUsage => {
  const active = builds(layout).living.length
  const size = treeSize(layout.buildCache)
  return { count: keptLayers(layout), active, size, reclaimable: active === 0 ? size : 0 }
}

/** Each is a directory below that of buildah's storage driver, beside `l`, which has their short names. */
const keptLayers = ({ buildCache }: Layout): number =>
  ['overlay', 'vfs/dir'].reduce(
    (sum, name) =>
      sum + listIfThere(join(buildCache, 'buildah', name)).filter((entry) => /^[0-9a-f]{64}$/.test(entry)).length,
    0,
  )

/** Takes it all away, and answers how many bytes that were. Errors: RT_BUILD_RUNNING. */
export const pruneBuildCache = (layout: Layout): number => {
  if (!existsSync(layout.buildCache)) return 0
  const gate = lock(join(layout.buildCache, 'lock'))
  try {
    const { size, active } = buildCacheUsage(layout)
    if (active > 0) throw new RtError('RT_BUILD_RUNNING', 'A build is under way, and uses what is kept for builds.')
    for (const name of readdirSync(layout.buildCache))
      if (name !== 'lock') rmSync(join(layout.buildCache, name), { recursive: true, force: true })
    rmSync(layout.runBuild, { recursive: true, force: true })
    return size
  } finally {
    gate.release()
  }
}
