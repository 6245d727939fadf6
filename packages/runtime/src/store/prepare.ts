import { mkdirSync } from 'node:fs'
import type { HostStep } from '@rt/driver-api'
import { holdsUnrelated } from '@rt/native'
import type { Layout } from '../layout.ts'

/** rt's directories are root's alone: a container's files may be setuid root, and other users must not reach them. */
const MODE = 0o700

const directories = (layout: Layout): string[] => [
  layout.containers,
  layout.names,
  layout.owned,
  layout.live,
  layout.rootMountPoint,
]

export const makeStore = (layout: Layout): void => {
  for (const path of directories(layout)) {
    const made = mkdirSync(path, { recursive: true, mode: MODE })
    if (made !== undefined && path === layout.containers) holdsUnrelated(path)
  }
}

/** The same for a script that starts from nothing. */
export const makeStoreSteps = (layout: Layout): HostStep[] => [
  {
    where: 'host',
    op: 'dir.make',
    path: layout.rootMountPoint,
    mode: MODE,
    shared: true,
    why: 'Every container mounts its root here, in a mount namespace of its own; on the host it stays empty.',
  },
]
