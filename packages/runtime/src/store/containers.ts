import type { ContainerId } from '@rt/driver-api'
import type { Layout } from '../layout.ts'
import { listIfThere } from './files.ts'
import { type ContainerRecord, readRecord } from './record.ts'
import { type ContainerState, containerState } from './state.ts'

export interface Container {
  readonly record: ContainerRecord
  readonly state: ContainerState
}

/** Every container that has a record, newest first; one whose rt has not come as far as writing it is not shown. */
export const listContainers = (layout: Layout): Container[] =>
  listIfThere(layout.containers)
    .flatMap((id) => readContainer(layout, id) ?? [])
    // ISO times compare as text. Not localeCompare: its first call loads the collation tables of ICU, 15 ms.
    .sort((a, b) => (a.record.created < b.record.created ? 1 : -1))

export const readContainer = (layout: Layout, id: ContainerId): Container | undefined => {
  const record = readRecord(layout.record(id))
  return record && { record, state: containerState(layout, id) }
}
