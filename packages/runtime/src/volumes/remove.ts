import { RtError } from '@rt/driver-api'
import { each, type Outcome, reclaimedBy } from '../each.ts'
import { type Filters, hasLabel } from '../filters/filters.ts'
import type { Layout } from '../layout.ts'
import { refused } from '../store/refused.ts'
import { treeSize } from '../store/tree-size.ts'
import { findVolume, userNames } from './look.ts'
import { dataOf, listVolumes, removeVolume, usersOf } from './store.ts'

const MOST = 5

const listed = (names: readonly string[]): string =>
  names.length <= MOST ? names.join(', ') : `${names.slice(0, MOST).join(', ')} and ${names.length - MOST} more`

/** Each by itself; under the store's lock. RT_VOLUME_UNKNOWN and RT_VOLUME_IN_USE are outcomes. */
export const removeVolumes = (layout: Layout, names: readonly string[]): Promise<Outcome[]> =>
  each(names, (name) => refused(() => removeOne(layout, name)))

const removeOne = (layout: Layout, name: string): void => {
  findVolume(layout, name)
  const users = userNames(layout, name)
  if (users.length > 0) {
    const one = users.length === 1
    throw new RtError(
      'RT_VOLUME_IN_USE',
      `The volume ${name} is in use by the container${one ? '' : 's'} ${listed(users)}`,
      {
        remedy: `Remove ${one ? 'it' : 'them'} first: \`rt rm ${users.join(' ')}\`.`,
      },
    )
  }
  removeVolume(layout, name)
}

export interface PrunedVolumes {
  readonly outcomes: readonly Outcome[]
  /** Bytes. */
  readonly reclaimed: number
}

/** Removes what no container has: of the unnamed ones, or of `all`. Under the store's lock. */
export const pruneVolumes = async (
  layout: Layout,
  { all, filters }: { readonly all: boolean; readonly filters: Filters },
): Promise<PrunedVolumes> => {
  const unused = listVolumes(layout).filter(
    ({ name, anonymous, labels }) =>
      (all || anonymous) &&
      (filters.get('label') ?? []).every((label) => hasLabel(labels, label)) &&
      (filters.get('label!') ?? []).every((label) => !hasLabel(labels, label)) &&
      usersOf(layout, name).length === 0,
  )
  const sizes = new Map(unused.map(({ name }) => [name, treeSize(dataOf(layout, name))]))
  const outcomes = await removeVolumes(
    layout,
    unused.map(({ name }) => name),
  )
  return { outcomes, reclaimed: reclaimedBy(outcomes, sizes) }
}
