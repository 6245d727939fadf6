import type { Outcome } from '../each.ts'
import { type Filters, parseFilters } from '../filters/filters.ts'
import { newContainerId } from '../identity.ts'
import type { Context } from '../store/context.ts'
import { underLock } from '../store/under-lock.ts'
import {
  findVolume,
  listSeenVolumes,
  type SeenVolume,
  seeVolume,
  VOLUME_FILTERS,
  type VolumesUsage,
  volumesUsage,
} from './look.ts'
import { type PrunedVolumes, pruneVolumes, removeVolumes } from './remove.ts'
import { makeVolume, readVolume, sweepVolumes, type VolumeRecord } from './store.ts'
import { checkDriver, checkVolumeName } from './words.ts'

export type { SeenVolume, VolumesUsage } from './look.ts'
export type { PrunedVolumes } from './remove.ts'
export type { VolumeRecord } from './store.ts'

export interface VolumeCreation {
  /** One is made up where undefined, and then the volume counts as unnamed. */
  readonly name?: string
  /** `local` is all that there is. */
  readonly driver?: string
  readonly options: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

const PRUNE_FILTERS = ['label', 'label!']

/** What can be done with volumes. */
export class Volumes {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  /** One that is there already is answered as it is, as in Docker. @throws RtError RT_VOLUME_NAME_INVALID, RT_VOLUME_DRIVER */
  create({ name, driver, options, labels }: VolumeCreation): Promise<VolumeRecord> {
    const { layout } = this.#context
    return this.#locked(() => {
      checkDriver(driver, options)
      if (name === undefined) return makeVolume(layout, { name: newContainerId(), labels, anonymous: true })
      checkVolumeName(name)
      return readVolume(layout, name) ?? makeVolume(layout, { name, labels })
    })
  }

  /** @throws RtError RT_USAGE */
  filters(texts: readonly string[]): Filters {
    return parseFilters(texts, VOLUME_FILTERS)
  }

  /** @throws RtError RT_USAGE */
  pruneFilters(texts: readonly string[]): Filters {
    return parseFilters(texts, PRUNE_FILTERS)
  }

  list(filters: Filters = new Map()): SeenVolume[] {
    return listSeenVolumes(this.#context.layout, filters)
  }

  /** @throws RtError RT_VOLUME_UNKNOWN */
  inspect(name: string): SeenVolume {
    return seeVolume(this.#context.layout, findVolume(this.#context.layout, name))
  }

  /** See `removeVolumes`. */
  remove(names: readonly string[]): Promise<Outcome[]> {
    return this.#locked(() => removeVolumes(this.#context.layout, names))
  }

  /** See `pruneVolumes`. */
  prune(options: { readonly all: boolean; readonly filters?: Filters }): Promise<PrunedVolumes> {
    return this.#locked(() => pruneVolumes(this.#context.layout, { filters: new Map(), ...options }))
  }

  usage(): VolumesUsage {
    return volumesUsage(this.#context.layout)
  }

  /** With what killed ones left cleaned up. */
  #locked<T>(act: () => T | Promise<T>): Promise<T> {
    return underLock(this.#context, async () => {
      sweepVolumes(this.#context.layout)
      return act()
    })
  }
}
