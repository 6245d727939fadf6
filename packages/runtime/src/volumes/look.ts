import { didYouMean, RtError, shortId } from '@rt/driver-api'
import { type Filters, hasLabel } from '../filters/filters.ts'
import type { Layout } from '../layout.ts'
import { readRecord } from '../store/record.ts'
import { treeSize } from '../store/tree-size.ts'
import { dataOf, listVolumes, readVolume, usersOf, type VolumeRecord } from './store.ts'

/** A volume as it is at the moment. */
export interface SeenVolume extends VolumeRecord {
  /** Of the host: what containers see. */
  readonly mountpoint: string
  /** Names of the containers that have it, running or not. */
  readonly users: readonly string[]
}

export const VOLUME_FILTERS = ['dangling', 'driver', 'label', 'name']

export const seeVolume = (layout: Layout, record: VolumeRecord): SeenVolume => ({
  ...record,
  mountpoint: dataOf(layout, record.name),
  users: userNames(layout, record.name),
})

/** One that is just being started has no name yet. */
export const userNames = (layout: Layout, name: string): string[] =>
  usersOf(layout, name).map((id) => readRecord(layout.record(id))?.name ?? shortId(id))

/** @throws RtError RT_USAGE for a value that cannot be */
export const listSeenVolumes = (layout: Layout, filters: Filters): SeenVolume[] => {
  for (const value of filters.get('dangling') ?? [])
    if (!['true', 'false', '1', '0'].includes(value))
      throw new RtError('RT_USAGE', `--filter: dangling is true or false, not "${value}".`)
  const isWanted = ({ name, labels, users }: SeenVolume): boolean =>
    (filters.get('name')?.some((part) => name.includes(part)) ?? true) &&
    (filters.get('driver')?.includes('local') ?? true) &&
    (filters.get('label') ?? []).every((label) => hasLabel(labels, label)) &&
    (filters.get('dangling')?.some((word) => (word === 'true' || word === '1') === (users.length === 0)) ?? true)
  return listVolumes(layout)
    .map((record) => seeVolume(layout, record))
    .filter(isWanted)
}

/** @throws RtError RT_VOLUME_UNKNOWN */
export const findVolume = (layout: Layout, name: string): VolumeRecord => {
  const record = name.includes('/') ? undefined : readVolume(layout, name)
  if (record) return record
  const names = listVolumes(layout).map((volume) => volume.name)
  throw new RtError('RT_VOLUME_UNKNOWN', `No such volume: ${name}.${didYouMean(name, names)}`)
}

/** What all of them hold. Bytes. */
export interface VolumesUsage {
  readonly count: number
  /** Those that a container has. */
  readonly active: number
  readonly size: number
  /** Of those that no container has. */
  readonly reclaimable: number
}

export const volumesUsage = (layout: Layout): VolumesUsage => {
  const volumes = listVolumes(layout).map(({ name }) => ({
    used: usersOf(layout, name).length > 0,
    size: treeSize(dataOf(layout, name)),
  }))
  const sum = (counted: typeof volumes): number => counted.reduce((bytes, { size }) => bytes + size, 0)
  return {
    count: volumes.length,
    active: volumes.filter(({ used }) => used).length,
    size: sum(volumes),
    reclaimable: sum(volumes.filter(({ used }) => !used)),
  }
}
