import { existsSync } from 'node:fs'
import type { ContainerId, HostStep, MountExtra, OciMount } from '@rt/driver-api'
import type { Layout } from '../layout.ts'
import type { MountPoint } from '../store/mount-point.ts'
import { dataOf, lockOf, markerOf } from './store.ts'

/** What a container's mounts come to in its plan. */
export interface PlannedMounts {
  readonly mounts: readonly OciMount[]
  readonly extras: readonly MountExtra[]
  /** Before all others. */
  readonly enter: readonly HostStep[]
}

export const planMounts = (layout: Layout, id: ContainerId, points: readonly MountPoint[]): PlannedMounts => ({
  mounts: points.map(ociMount),
  extras: points.flatMap((point) => extra(layout, id, point)),
  enter: points.flatMap(({ type, source, make }) =>
    type === 'bind' && make && !existsSync(source) ? [makeSource(source)] : [],
  ),
})

const ociMount = ({
  type,
  destination,
  source,
  readonly,
  propagation,
  recursive,
  options = [],
}: MountPoint): OciMount =>
  type === 'tmpfs'
    ? { destination, type, source: 'tmpfs', options }
    : {
        destination,
        type: 'bind',
        source,
        options: [recursive === 'disabled' ? 'bind' : 'rbind', propagation ?? 'rprivate', ...(readonly ? ['ro'] : [])],
      }

const extra = (
  layout: Layout,
  id: ContainerId,
  { destination, name, subpath, fill, recursive }: MountPoint,
): MountExtra[] => {
  if (name === undefined) return recursive === 'writable' ? [{ destination, shallow: true }] : []
  if (subpath !== undefined) return [{ destination, beneath: dataOf(layout, name) }]
  if (!fill) return []
  const files = { lock: lockOf(layout, name), marker: markerOf(layout, name), once: layout.filled(id, name) }
  return [{ destination, fill: files }]
}

const makeSource = (path: string): HostStep => ({
  where: 'host',
  op: 'dir.make',
  path,
  mode: 0o755,
  shared: true,
  why: 'A bind mount needs its source; Docker makes a missing one too.',
})
